/** One kind of error the API answers with. */
export interface ErrorKind {
  readonly status: number;
  /** The same words every time; what differs goes into `detail`. */
  readonly title: string;
  /** What the developer of a client should know and do. */
  readonly about: string;
}
