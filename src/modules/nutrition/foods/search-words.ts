import { wordsOf } from './folding.js';

/** More words than people type; each is a row to read for each part of the index. */
const MAX_WORDS = 8;

/** What is searched: whole words, in any order, and the beginning of the last one. */
export interface SearchWords {
  readonly words: readonly string[];
  readonly prefix: string;
}

/** Undefined for a text without letters and digits. */
export function searchWords(text: string): SearchWords | undefined {
  const all = wordsOf(text).slice(0, MAX_WORDS);
  const prefix = all.pop();
  return prefix === undefined ? undefined : { words: [...new Set(all)], prefix };
}

/** A food that matches a search. Every word of `search_text` has a space before and after it. */
export interface Match {
  readonly id: string;
  readonly search_text: string;
}

/**
 * The best first: exactly these words, then a name that begins with them, then with the first of them; shorter texts before longer
 * ones. Equal ones keep their order.
 */
function ranked(matches: readonly Match[], words: readonly string[]): Match[] {
  const phrase = ` ${words.join(' ')}`;
  const scoreOf = ({ search_text: text }: Match): number => {
    if (text === `${phrase} `) return 0;
    if (text.startsWith(`${phrase} `)) return 1;
    if (text.startsWith(phrase)) return 2;
    return text.startsWith(` ${words[0]}`) ? 3 : 4;
  };
  return matches
    .map((match) => ({ match, score: scoreOf(match) }))
    .toSorted((a, b) => a.score - b.score || a.match.search_text.length - b.match.search_text.length)
    .map(({ match }) => match);
}

/** The foods of the best matches, at most `most`, the best first. @param read reads foods by their ids, in any order */
export async function bestOf<Food extends { readonly id: string }>(
  matches: readonly Match[],
  { words, prefix }: SearchWords,
  most: number,
  read: (ids: string[]) => Promise<readonly Food[]>,
): Promise<Food[]> {
  const ids = ranked(matches, [...words, prefix])
    .slice(0, most)
    .map(({ id }) => id);
  const byId = new Map((await read(ids)).map((food) => [food.id, food]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}
