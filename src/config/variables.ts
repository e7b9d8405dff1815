import { createPrivateKey } from 'node:crypto';
import ms from 'ms';

/** One environment variable: its meaning, its default, and how its text is read. */
export interface Variable<T> {
  /** The text for `.env.example`. */
  readonly about: string;
  /** The value when the variable is absent or empty. */
  readonly fallback: T;
  /** Reads the text. It throws an Error whose message completes the sentence "NAME must be …". */
  readonly read: (text: string) => T;
}

class Invalid extends Error {}

/** Throws an error that says what the value must be. It does not repeat the value, which may be a secret. */
const fail = (mustBe: string): never => {
  throw new Invalid(mustBe);
};

export const text = (about: string, fallback: string): Variable<string> => ({
  about,
  fallback,
  read: (value) => value,
});

export const optionalText = (about: string): Variable<string | undefined> => ({
  about,
  fallback: undefined,
  read: (value) => value,
});

export const integer = (about: string, fallback: number, min: number, max: number): Variable<number> => ({
  about,
  fallback,
  read: (value) => {
    const number = /^\d+$/.test(value) ? Number(value) : NaN;
    return number >= min && number <= max ? number : fail(`a whole number from ${min} to ${max}`);
  },
});

export const flag = (about: string, fallback: boolean | undefined): Variable<boolean | undefined> => ({
  about,
  fallback,
  read: (value) => (value === 'true' ? true : value === 'false' ? false : fail('true or false')),
});

export const oneOf = <T extends string>(about: string, fallback: T, choices: readonly T[]): Variable<T> => ({
  about,
  fallback,
  read: (value) => choices.find((choice) => choice === value) ?? fail(`one of ${choices.join(', ')}`),
});

/** A version of the app: one to four numbers with dots between them, such as `2.4.0`. */
export const version = (about: string): Variable<string | undefined> => ({
  about,
  fallback: undefined,
  read: (value) =>
    /^\d{1,9}(\.\d{1,9}){0,3}$/.test(value) ? value : fail('a version in numbers, such as 2.4.0'),
});

/** A time span such as `15m` or `60d`. The value is in milliseconds. */
export const duration = (about: string, fallback: ms.StringValue, min: number): Variable<number> => ({
  about,
  fallback: ms(fallback),
  read: (value) => {
    const span = /^\d+(ms|s|m|h|d)$/.test(value) ? ms(value as ms.StringValue) : NaN;
    return span >= min ? span : fail(`a time span such as 30s, 15m, 12h or 60d, at least ${ms(min)}`);
  },
});

const parsed = (value: string): URL | undefined => (URL.canParse(value) ? new URL(value) : undefined);

export const url = (about: string, protocols: readonly string[]): Variable<string | undefined> => ({
  about,
  fallback: undefined,
  read: (value) =>
    protocols.includes(parsed(value)?.protocol ?? '') ? value : fail(`a URL with ${protocols.join(' or ')}`),
});

/** An origin (scheme, host, port) without a path, as a browser sends it in `Origin`. */
export const origin = (about: string, fallback: string): Variable<string> => ({
  about,
  fallback,
  read: (value) => asOrigin(value) ?? fail('an http or https origin without a path'),
});

/** An e-mail address, alone or as `Name <address>`. */
export const mailbox = (about: string): Variable<string | undefined> => ({
  about,
  fallback: undefined,
  read: (value) =>
    MAILBOX.test(value) && value.length <= 320 ? value : fail('an e-mail address, or a name and <address>'),
});

const WORD = String.raw`[^\p{Cc}\s<>"@,;:()[\]\\]`;
const ADDRESS = String.raw`${WORD}+@[\w.-]+`;
const MAILBOX = new RegExp(`^(?:(?:${WORD}| )+<${ADDRESS}>|${ADDRESS})$`, 'u');

export const origins = (about: string): Variable<readonly string[]> =>
  listOf(about, asOrigin, 'a comma-separated list of http or https origins');

/** The base URL of another server: http or https, with or without a path. A slash at its end is removed. */
export const baseUrl = (about: string, fallback: string): Variable<string> => ({
  about,
  fallback,
  read: (value) => {
    const address = parsed(value);
    const isPlain = address && /^https?:$/.test(address.protocol) && !address.search && !address.hash;
    return isPlain && !address.username && !address.password
      ? value.replace(/\/+$/, '')
      : fail('an http or https address without a query');
  },
});

/** The base URL of another server that is not used without it. */
export const optionalBaseUrl = (about: string): Variable<string | undefined> => ({
  about,
  fallback: undefined,
  read: baseUrl(about, '').read,
});

/**
 * A comma-separated list.
 * @param readItem reads one entry; it returns undefined when the entry is not valid.
 */
const listOf = (
  about: string,
  readItem: (item: string) => string | undefined,
  mustBe: string,
): Variable<readonly string[]> => ({
  about,
  fallback: [],
  read: (value) => value.split(',').map((item) => readItem(item.trim()) ?? fail(mustBe)),
});

export const list = (about: string): Variable<readonly string[]> =>
  listOf(about, (item) => item || undefined, 'a comma-separated list without empty entries');

/**
 * Links to which a browser may be sent with a sign-in code. Only links of the app are allowed, because any other site would
 * get the code.
 */
export const appLinks = (about: string): Variable<readonly string[]> =>
  listOf(about, asAppLink, "a comma-separated list of https links or links with the app's own scheme");

/** The length of the column that stores a link, in characters. */
const MAX_LINK = 512;

/** An https link, or a link whose scheme is a reversed domain name of the app, so it has a dot (RFC 8252, 7.1). */
function asAppLink(value: string): string | undefined {
  const address = parsed(value);
  const isOwn =
    address && (address.protocol === 'https:' || /^[a-z][\w+-]*\.[\w.+-]+:$/.test(address.protocol));
  return isOwn && !address.username && !/[*#?\s\\]/.test(value) && value.length <= MAX_LINK
    ? value
    : undefined;
}

/** A private key on the curve P-256 in PEM. `\n` may stand for a line break. */
export const signingKey = (about: string): Variable<string | undefined> => ({
  about,
  fallback: undefined,
  read: (value) => {
    const pem = value.replaceAll('\\n', '\n');
    return isSigningKey(pem) ? pem : fail('a private key on the curve P-256, in PEM');
  },
});

function isSigningKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyDetails?.namedCurve === 'prime256v1';
  } catch {
    return false;
  }
}

/** The origins that use passkeys: sites, and Android apps by the hash of their signing certificate. */
export const passkeyOrigins = (about: string): Variable<readonly string[]> =>
  listOf(
    about,
    (item) => /^android:apk-key-hash:[\w-]{43}$/.exec(item)?.[0] ?? asOrigin(item),
    'a comma-separated list of http or https origins, or of android:apk-key-hash:<base64url>',
  );

function asOrigin(value: string): string | undefined {
  const address = parsed(value);
  const plain = address && /^https?:$/.test(address.protocol) && address.pathname === '/' && !address.search;
  return plain && !address.username && !address.hash ? address.origin : undefined;
}

/** `sqlite:<path>` or `mysql://user:password@host:port/database`. */
export const database = (about: string, fallback: string): Variable<string> => ({
  about,
  fallback,
  read: (value) => {
    if (/^sqlite:(?!:memory:).+/.test(value)) return value;
    const address = parsed(value);
    return address?.protocol === 'mysql:' && address.pathname.length > 1 && isDecodable(address.href)
      ? value
      : fail('sqlite:<file> or mysql://user:password@host:port/database');
  },
});

function isDecodable(address: string): boolean {
  try {
    decodeURIComponent(address);
    return true;
  } catch {
    return false;
  }
}
