import ms from 'ms';

/** One environment variable: what it means, what it is when absent, and how its text is read. */
export interface Variable<T> {
  /** One sentence for `.env.example`. */
  readonly about: string;
  /** The value when the variable is absent or empty. */
  readonly fallback: T;
  /** Reads the text; throws an Error whose message completes "NAME must be …". */
  readonly read: (text: string) => T;
}

class Invalid extends Error {}

/** Says what a value must be, without repeating the value: it may be a secret. */
const must = (be: string): never => {
  throw new Invalid(be);
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
    return number >= min && number <= max ? number : must(`a whole number from ${min} to ${max}`);
  },
});

export const flag = (about: string, fallback: boolean | undefined): Variable<boolean | undefined> => ({
  about,
  fallback,
  read: (value) => (value === 'true' ? true : value === 'false' ? false : must('true or false')),
});

export const oneOf = <T extends string>(about: string, fallback: T, choices: readonly T[]): Variable<T> => ({
  about,
  fallback,
  read: (value) => choices.find((choice) => choice === value) ?? must(`one of ${choices.join(', ')}`),
});

/** A version of the app: numbers with dots between, such as `2.4.0`. */
export const version = (about: string): Variable<string | undefined> => ({
  about,
  fallback: undefined,
  read: (value) =>
    /^\d{1,9}(\.\d{1,9}){0,3}$/.test(value) ? value : must('a version in numbers, such as 2.4.0'),
});

/** A time span such as `15m` or `60d`, kept in milliseconds. */
export const duration = (about: string, fallback: ms.StringValue, min: number): Variable<number> => ({
  about,
  fallback: ms(fallback),
  read: (value) => {
    const span = /^\d+(ms|s|m|h|d)$/.test(value) ? ms(value as ms.StringValue) : NaN;
    return span >= min ? span : must(`a time span such as 30s, 15m, 12h or 60d, at least ${ms(min)}`);
  },
});

const parsed = (value: string): URL | undefined => (URL.canParse(value) ? new URL(value) : undefined);

export const url = (about: string, protocols: readonly string[]): Variable<string | undefined> => ({
  about,
  fallback: undefined,
  read: (value) =>
    protocols.includes(parsed(value)?.protocol ?? '') ? value : must(`a URL with ${protocols.join(' or ')}`),
});

/** An origin (scheme, host, port) without a path: what a browser sends in `Origin`. */
export const origin = (about: string, fallback: string): Variable<string> => ({
  about,
  fallback,
  read: (value) => asOrigin(value) ?? must('an http or https origin without a path'),
});

/** An address of mail, alone or as `Name <address>`. */
export const mailbox = (about: string): Variable<string | undefined> => ({
  about,
  fallback: undefined,
  read: (value) =>
    MAILBOX.test(value) && value.length <= 320 ? value : must('an e-mail address, or a name and <address>'),
});

const WORD = String.raw`[^\p{Cc}\s<>"@,;:()[\]\\]`;
const ADDRESS = String.raw`${WORD}+@[\w.-]+`;
const MAILBOX = new RegExp(`^(?:(?:${WORD}| )+<${ADDRESS}>|${ADDRESS})$`, 'u');

export const origins = (about: string): Variable<readonly string[]> => ({
  about,
  fallback: [],
  read: (value) =>
    value.split(',').map((item) => asOrigin(item.trim()) ?? must('a comma list of http or https origins')),
});

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
      : must('sqlite:<file> or mysql://user:password@host:port/database');
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
