/**
 * Every letter there is, and what each needs to know. A `link` leads to where the reader can act; where there is no such
 * place, it says which service this is.
 */
export interface Letters {
  'verify-email': { readonly link: string; readonly days: number };
  'already-registered': { readonly link: string };
  'email-change-confirm': { readonly link: string; readonly days: number };
  /** To the address that still counts. The other one may be a stranger's, and is not named. */
  'email-change-asked': { readonly link: string };
  /** To the old address, which no link helps any more. */
  'email-changed': { readonly link: string; readonly newAddress: string };
  'password-reset': { readonly link: string; readonly minutes: number };
  'password-changed': { readonly link: string };
  'identity-linked': { readonly link: string; readonly provider: string };
  'identity-unlinked': { readonly link: string; readonly provider: string };
  'link-attempted': { readonly link: string; readonly provider: string };
  /** To the owner of an address that somebody had signed up with, but never shown to read. */
  'account-taken': { readonly link: string; readonly provider: string };
  'factor-enabled': { readonly link: string; readonly which: string };
  'factor-disabled': { readonly link: string; readonly which: string };
  'passkey-added': { readonly link: string; readonly passkey: string };
  'passkey-removed': { readonly link: string; readonly passkey: string };
  'recovery-code-used': { readonly link: string; readonly left: number };
  /** To who was granted. */
  'grant-received': object;
  'api-key-created': { readonly link: string; readonly keyName: string };
  /** The account has no password any more. */
  'became-admin': { readonly link: string };
  'session-stolen': { readonly link: string };
  'account-deleted': { readonly link: string };
}

export type LetterName = keyof Letters;

/** A letter by its name, with its values. */
export type Letter = {
  readonly [Name in LetterName]: { readonly name: Name } & Letters[Name];
}[LetterName];

/** What a letter says in one language. */
export interface Content {
  readonly subject: string;
  readonly paragraphs: readonly string[];
  /** What the button says; without it there is none. */
  readonly action?: string;
  /** Below the button. */
  readonly closing: readonly string[];
}

/** One language: every letter, and what all of them share. */
export interface Texts {
  readonly greeting: string;
  /** Before the address that the button leads to. */
  readonly orCopy: string;
  readonly signature: string;
  /** An instant in UTC, in words. */
  readonly when: (instant: Date) => string;
  readonly letters: {
    /** @param when the letter was written, in words */
    readonly [Name in LetterName]: (values: Letters[Name], when: string) => Content;
  };
}

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const NEWS_DAYS = 3;

/** How long a letter is worth being sent: as long as its link works; of news, some days. */
export function lifetimeMs(letter: Letter): number {
  if (letter.name === 'password-reset') return letter.minutes * MINUTE_MS;
  return ('days' in letter ? letter.days : NEWS_DAYS) * DAY_MS;
}

/** `g…@example.org`: enough for who knows the address, too little for who does not. */
export function shortened(address: string): string {
  const [first = ''] = address;
  return `${first}…${address.slice(address.lastIndexOf('@'))}`;
}

/** By what people know the service: the host of its links. */
export const hostOf = (link: string): string => new URL(link).host;

/** An instant in UTC, in the words of a language. */
export function instantIn(language: string): (instant: Date) => string {
  const format = new Intl.DateTimeFormat(language, {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'UTC',
  });
  return (instant) => `${format.format(instant)} UTC`;
}
