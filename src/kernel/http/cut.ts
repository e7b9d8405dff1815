/**
 * The beginning of a text from a client, of at most `max` UTF-16 units. A character that would be cut in half is replaced,
 * because many JSON parsers refuse a text with half a pair.
 */
export const cut = (text: string, max: number): string =>
  text.length <= max ? text : text.slice(0, max).toWellFormed();
