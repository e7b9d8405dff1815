import { Problem } from './problem.js';

const MAX_DEPTH = 32;
/** Far more keys than any request has. A limit is needed because later checks may compare each key with each other key. */
const MAX_KEYS = 256;
/** Far more objects and lists than any request has. Several hundred thousand would keep the process from all others. */
const MAX_CONTAINERS = 100_000;
/** Keys that could change an object's prototype when code copies them. */
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Parses a JSON body more strictly than `JSON.parse`. It must be UTF-8 without a BOM and at most 32 levels deep. It has
 * at most 100 000 objects and lists; an object has at most 256 keys, no duplicate key, and no key that names a prototype.
 * @throws Problem `malformed-request`
 */
export function parseJson(body: Buffer): unknown {
  try {
    const text = utf8.decode(body);
    checkStructure(text);
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem('malformed-request', { detail: 'The body is not valid UTF-8 JSON.' });
  }
}

/** Checks the structure in one linear pass before parsing, so that a hostile body is refused at its 33rd level. */
function checkStructure(text: string): void {
  const open: (Set<string> | undefined)[] = [];
  let [expectsKey, containers] = [false, 0];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '{' || character === '[') {
      expectsKey = character === '{';
      open.push(expectsKey ? new Set() : undefined);
      if (++containers > MAX_CONTAINERS)
        throw refuse(`The body has more than ${MAX_CONTAINERS} objects and lists.`);
      if (open.length > MAX_DEPTH) throw refuse(`The body is nested deeper than ${MAX_DEPTH} levels.`);
    } else if (character === '}' || character === ']') {
      open.pop();
      expectsKey = false;
    } else if (character === ',') {
      expectsKey = open.at(-1) !== undefined;
    } else if (character === '"') {
      const end = endOfString(text, at);
      if (expectsKey) addKey(open.at(-1), keyOf(text.slice(at + 1, end)));
      expectsKey = false;
      at = end;
    }
  }
}

const keyOf = (raw: string): string => (raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw);

/** The index of the closing quote, or the end of the text. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function addKey(keys: Set<string> | undefined, key: string): void {
  if (FORBIDDEN_KEYS.has(key)) throw refuse('A key of the body is not allowed.');
  if (keys?.has(key)) throw refuse('A key appears twice in one object.');
  keys?.add(key);
  if (keys && keys.size > MAX_KEYS) throw refuse(`An object of the body has more than ${MAX_KEYS} keys.`);
}

const refuse = (detail: string): Problem => new Problem('malformed-request', { detail });
