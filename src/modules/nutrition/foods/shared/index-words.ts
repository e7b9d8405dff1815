/** Prefixes up to this length have rows of their own; the words of a longer prefix are few enough to read. */
export const MAX_STORED_PREFIX = 3;

/** The row of a short prefix. No word contains an asterisk. */
export const prefixRow = (prefix: string): string => `${prefix}*`;

/** All rows of the index that a food is in, by its search text. */
export function indexWords(searchText: string): Set<string> {
  const rows = new Set<string>();
  for (const word of searchText.split(' ').filter(Boolean)) {
    rows.add(word);
    const letters = [...word];
    for (let length = 1; length <= Math.min(MAX_STORED_PREFIX, letters.length); length++)
      rows.add(prefixRow(letters.slice(0, length).join('')));
  }
  return rows;
}
