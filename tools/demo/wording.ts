export const day = (iso: string): string => iso.slice(0, 10);

/** `120 measurements`, `1 measurement`. */
export const counted = (count: number, one: string, more = `${one}s`): string =>
  `${count} ${count === 1 ? one : more}`;

/** `100 duplicate, 20 applied`. */
export const tallied = (tally: object): string =>
  Object.entries(tally)
    .map(([status, count]) => `${count} ${status}`)
    .join(', ');
