import type { Language } from './language.js';

export type { Language };

/** The text of a letter in one language. */
export interface Content {
  readonly subject: string;
  readonly paragraphs: readonly string[];
  /** The text of the button, which opens the `link` of the values. Without it the letter has no button. */
  readonly action?: string;
  /** Paragraphs below the button. */
  readonly closing: readonly string[];
}

/** @param when the formatted time of the event that the letter reports */
type Write<Values> = (values: Values, when: string) => Content;

type Texts<Values> = Readonly<Record<Language, Write<Values>>> & {
  /** The letter is not sent when it has waited longer than this. Milliseconds; three days by default. */
  readonly lifetimeMs?: (values: Values) => number;
};

/** A letter that a module can send. */
export interface LetterDefinition<Values extends object = object> {
  readonly name: string;
  readonly texts: Texts<Values>;
}

/** A letter as it is stored in the outbox: its name and its values. */
export interface Letter {
  readonly name: string;
  readonly [value: string]: unknown;
}

export const MINUTE_MS = 60_000;
export const DAY_MS = 1_440 * MINUTE_MS;
const USUAL_LIFETIME_MS = 3 * DAY_MS;

const definitions = new Map<string, LetterDefinition<never>>();

/**
 * Declares a letter, in a file `<name>.letters.ts` beside the module that sends it.
 * @param name never change it: letters that wait in the outbox are found by their name.
 * @throws Error when the name is taken.
 */
export function defineLetter<Values extends object>(
  name: string,
  texts: Texts<Values>,
): LetterDefinition<Values> {
  if (definitions.has(name)) throw new Error(`The letter "${name}" is declared twice`);
  const definition = { name, texts };
  definitions.set(name, definition);
  return definition;
}

/** @throws Error for a letter that no module declares. */
export function definitionOf({ name }: Letter): LetterDefinition<Letter> {
  const definition = definitions.get(name);
  if (!definition) throw new Error(`No module declares the letter "${name}"`);
  return definition as LetterDefinition<Letter>;
}

export const letterOf = <Values extends object>(
  { name }: LetterDefinition<Values>,
  values: Values,
): Letter => ({ ...values, name });

/** How long a letter may wait before it is dropped, in milliseconds: as long as its link works. */
export const lifetimeMs = (letter: Letter): number =>
  definitionOf(letter).texts.lifetimeMs?.(letter) ?? USUAL_LIFETIME_MS;

/** A count with its noun: `1 day`, `2 days`. */
export const counted = (count: number, one: string, many: string): string =>
  `${count} ${count === 1 ? one : many}`;

/** Masks an e-mail address as `g…@example.org`: a person who knows it recognises it, and nobody else learns it. */
export function shortened(address: string): string {
  const [first = ''] = address;
  return `${first}…${address.slice(address.lastIndexOf('@'))}`;
}

/** The host of a link, by which people recognise the service. */
export const hostOf = (link: string): string => new URL(link).host;
