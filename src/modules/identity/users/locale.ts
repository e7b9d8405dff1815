/** The part of BCP 47 that is used here: a language, and optional region, script or variant. */
export const LOCALE = /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/;
export const MAX_LOCALE = 35;

const FALLBACK = 'en';

/** The preferred language of an Accept-Language header (RFC 9110, 12.5.4); English if it names none. */
export function localeOf(header = ''): string {
  const [best] = header
    .split(',')
    .map(readChoice)
    .filter(({ tag, weight }) => weight > 0 && tag.length <= MAX_LOCALE && LOCALE.test(tag))
    .toSorted((a, b) => b.weight - a.weight);
  return best?.tag ?? FALLBACK;
}

function readChoice(text: string): { tag: string; weight: number } {
  const [, language = '', rest = '', quality = '1'] =
    /^\s*([a-z]+)((?:-[a-z0-9]+)*)\s*(?:;\s*q\s*=\s*([01](?:\.\d*)?)\s*)?$/i.exec(text) ?? [];
  return { tag: language.toLowerCase() + rest, weight: Number(quality) };
}
