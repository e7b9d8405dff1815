/** Letters that Unicode does not decompose, and what people type for them. */
const SPELLINGS: Readonly<Record<string, string>> = {
  ß: 'ss',
  œ: 'oe',
  æ: 'ae',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
};
const SPELLED = new RegExp(`[${Object.keys(SPELLINGS).join('')}]`, 'g');

/** Text in the form in which it is searched, so that both databases find the same: lower case, without accents. */
const fold = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(SPELLED, (letter) => SPELLINGS[letter] ?? letter);

const MAX_WORD = 32;

/** The words of a text as they are searched. A word has only letters and digits, so none is an operator of a query. */
export const wordsOf = (text: string): string[] =>
  [...fold(text).matchAll(/[\p{L}\p{N}]+/gu)].map(([word]) => [...word].slice(0, MAX_WORD).join(''));

/** The longest {@link searchText}, in characters. */
export const MAX_SEARCH_TEXT = 400;

/** What a food is found by: the words of its name and its brand, each with a space before it. */
export function searchText(...texts: readonly (string | null | undefined)[]): string {
  const words = new Set(texts.flatMap((text) => wordsOf(text ?? '')));
  let found = '';
  for (const word of words) {
    if ([...found].length + [...word].length + 2 > MAX_SEARCH_TEXT) break;
    found += ` ${word}`;
  }
  return `${found} `;
}
