import type { ApiDocument, Documented, Operation } from './document.js';
import type { Person } from './people.js';
import type { WireAnswer, WireRequest } from './wire.js';

/** Something that no answer may be. */
export interface Finding {
  /** Equal for the same mistake of the same operation. */
  readonly key: string;
  readonly text: string;
}

/** A request, its answer, and whose data it may show. */
export interface Exchange {
  readonly operation: Operation | undefined;
  readonly request: WireRequest;
  readonly answer: WireAnswer;
  /** The marks that must not be in the answer. */
  readonly foreign: readonly { readonly person: Person; readonly mark: string }[];
}

/** On every answer, whoever asks for what. */
const SECURITY = [
  'x-request-id',
  'cache-control',
  'content-security-policy',
  'cross-origin-resource-policy',
  'referrer-policy',
  'strict-transport-security',
  'x-content-type-options',
  'x-frame-options',
];
/** What an answer about a route that does not exist may be. */
const UNKNOWN_ROUTE = new Set([200, 204, 400, 401, 404, 405, 411, 413, 414, 415, 422, 429, 431]);
/** Traces of the inside: statements, drivers and stacks. */
const INSIDE = /SQLITE_|\bER_[A-Z]|QueryFailed|\bINSERT INTO\b|\bSELECT\b.*\bFROM\b|\n {4}at |node_modules/;
/** A finding that depends on the machine. */
export const SLOW = 'took too long';
/** The only error of a server that is no mistake of this one. */
const OF_OTHERS = 'provider-unavailable';
/** Half of a surrogate pair: a serialiser escapes nothing else in this way. */
const HALF_PAIR = /\\ud[89a-f][\da-f]{2}/i;
const SHOWN = 600;

/** Compares answers with the document, as a strict client does, and searches them for what belongs to others. */
export class Checks {
  constructor(
    private readonly document: ApiDocument,
    /** The longest time of an answer; undefined where time is no result. */
    private readonly maxMilliseconds: number | undefined,
  ) {}

  of(exchange: Exchange): Finding[] {
    const { operation, request, answer, foreign } = exchange;
    const route = operation?.route ?? `${request.method} (no route)`;
    const found = (what: string, detail = ''): Finding => ({
      key: `${route}: ${what}`,
      text: `${what} ${detail}\n    ${answer.status} ${answer.text.slice(0, SHOWN)}`,
    });
    const faults: Finding[] = [];
    if (answer.status >= 500 && codeOf(answer) !== OF_OTHERS) faults.push(found(`status ${answer.status}`));
    for (const name of SECURITY) if (!(name in answer.headers)) faults.push(found(`no header ${name}`));
    if (INSIDE.test(answer.text)) faults.push(found('shows the inside of the service'));
    if (HALF_PAIR.test(answer.text) && !HALF_PAIR.test(request.body?.toString('utf8') ?? ''))
      faults.push(found('cuts a character in half'));
    for (const { person, mark } of foreign)
      if (answer.text.includes(mark)) faults.push(found(`shows data of another person`, person.role));
    if (this.maxMilliseconds !== undefined && answer.milliseconds > this.maxMilliseconds)
      faults.push(found(SLOW, `${Math.round(answer.milliseconds)} ms`));
    const undocumented = operation ? this.undocumented(operation, answer) : this.badUnknown(request, answer);
    if (undocumented !== undefined && (answer.status < 500 || codeOf(answer) === OF_OTHERS))
      faults.push(found(undocumented[0], undocumented[1]));
    return faults;
  }

  /** What the document does not say about the answer: the kind of mistake, and its details. */
  private undocumented({ answers }: Operation, answer: WireAnswer): [string, string] | undefined {
    const own = answers.get(String(answer.status));
    const code = codeOf(answer);
    // An error that the operation lists under its status, or one that any request can cause.
    const documented =
      own && (own.codes.length === 0 || own.codes.includes(code)) ? own : this.refused(answers, code);
    if (!documented) return [`undocumented ${answer.status} ${code}`, ''];
    const missing = documented.headers.filter(
      (name) => !(name in answer.headers) && name !== 'idempotency-replayed',
    );
    if (missing.length > 0) return [`no header ${missing.join(', ')} with ${answer.status}`, ''];
    return this.badBody(documented, answer);
  }

  private refused(answers: Operation['answers'], code: string): Documented | undefined {
    const any = answers.get('default');
    return any?.codes.includes(code) ? any : undefined;
  }

  private badBody({ mediaType, schema }: Documented, answer: WireAnswer): [string, string] | undefined {
    if (mediaType === undefined || !schema)
      return answer.text === '' ? undefined : [`a body with ${answer.status}`, ''];
    if (answer.headers['content-type'] !== `${mediaType}; charset=utf-8`)
      return [`content type ${answer.headers['content-type']} with ${answer.status}`, ''];
    const body = parsed(answer.text);
    if (body === undefined) return [`invalid JSON with ${answer.status}`, ''];
    const [first, ...others] = this.document.faults(schema, body);
    if (first === undefined) return undefined;
    return [`body of ${answer.status}${first.replaceAll(/\/\d+/g, '/n')}`, others.slice(0, 5).join('; ')];
  }

  private badUnknown({ method }: WireRequest, answer: WireAnswer): [string, string] | undefined {
    if (!UNKNOWN_ROUTE.has(answer.status)) return [`unexpected ${answer.status}`, ''];
    if (answer.status < 300 || method === 'HEAD') return undefined;
    return answer.headers['content-type'] === 'application/problem+json; charset=utf-8' && codeOf(answer)
      ? undefined
      : [`${answer.status} is no problem`, ''];
  }
}

/** The code of a problem; an empty text for another answer. */
export function codeOf({ text, headers }: WireAnswer): string {
  if (!headers['content-type']?.startsWith('application/problem+json')) return '';
  const { type } = (parsed(text) ?? {}) as { type?: unknown };
  const code = typeof type === 'string' ? type.split('/').at(-1) : '';
  return code === 'http-problem-types#quota-exceeded' ? 'rate-limited' : (code ?? '');
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
