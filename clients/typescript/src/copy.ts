/** A copy of a JSON value. Dates become ISO texts. Not every phone has `structuredClone`. */
export const copyOf = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
