/** One kind of error in the answers of the API. */
export interface ErrorKind {
  /** The HTTP status. */
  readonly status: number;
  /** A fixed text. Put what differs between occurrences into `detail`. */
  readonly title: string;
  /** What a client developer should know and do. */
  readonly about: string;
}
