/** The languages in which letters are written. */
export type Language = 'en' | 'de';

const FALLBACK = 'en';
const LANGUAGES: readonly string[] = ['en', 'de'] satisfies Language[];

/**
 * Chooses the language of a letter. It returns English when no supported language matches.
 * @param tag one BCP 47 tag such as `de-AT`, or a whole Accept-Language header.
 */
export function languageOf(tag: string): Language {
  const [best] = tag
    .split(',')
    .map(readChoice)
    .filter(({ language, weight }) => weight > 0 && isLanguage(language))
    .toSorted((a, b) => b.weight - a.weight);
  return (best?.language ?? FALLBACK) as Language;
}

/** Parses one choice of an Accept-Language header, such as `de-AT;q=0.8` (RFC 9110, 12.5.4). Other text gets no language. */
function readChoice(text: string): { language: string; weight: number } {
  const [, tag = '', quality = '1'] =
    /^\s*([a-z]+|\*)(?:[-_][\w-]*)?\s*(?:;\s*q\s*=\s*([01](?:\.\d*)?)\s*)?$/i.exec(text) ?? [];
  return { language: tag === '*' ? FALLBACK : tag.toLowerCase(), weight: Number(quality) };
}

const isLanguage = (language: string): boolean => LANGUAGES.includes(language);
