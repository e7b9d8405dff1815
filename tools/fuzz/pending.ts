/** Whose value is meant: one of the person who sends the request, or of any other person. */
export type Source = 'own' | 'other';

/** A value that exists only when the request is sent, such as an id of an earlier answer. */
export class Pending {
  constructor(
    /** The name under which answers contain it. */
    readonly name: string,
    readonly source: Source,
    /** Which of the known values: the remainder of this number chooses one. */
    readonly choice: number,
    /** The value when none is known. */
    readonly otherwise: unknown,
  ) {}
}

/** Free text, in which the sender's secret is put so that it is recognised in an answer to somebody else. */
export class Marked {
  constructor(
    readonly text: string,
    readonly maxLength: number,
  ) {}
}

/** A measured number: its decimals identify the sender. */
export class Measured {
  constructor(readonly whole: number) {}
}

/** Puts the values of the moment in place of {@link Pending}, {@link Marked} and {@link Measured}. */
export function settle(value: unknown, found: (one: Pending | Marked | Measured) => unknown): unknown {
  if (value instanceof Pending || value instanceof Marked || value instanceof Measured) return found(value);
  if (Array.isArray(value)) return value.map((one) => settle(one, found));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, settle(one, found)]));
}
