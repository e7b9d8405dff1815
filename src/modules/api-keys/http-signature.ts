import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { Problem } from '../../kernel/http/problem.js';

/*
 * HTTP Message Signatures (RFC 9421) with Content-Digest (RFC 9530), in the one form this service takes: one signature by
 * hmac-sha256, over components without parameters, written as RFC 8941 serialises it. A text of another form is refused
 * and never interpreted, so that no two readings of it can differ. docs/security.md says why no library does this.
 */

/** How far the clock of a client may be off, with the time a request is under way. */
export const TOLERANCE_MS = 5 * 60_000;

const REQUIRED = ['@method', '@path', '@query'];
const DIGEST = 'content-digest';

const LABEL = '[a-z*][a-z0-9_.*-]*';
const COMPONENT = '"[@a-z0-9_-]+"';
const VALUE = '\\d{1,15}|"[ !#-[\\]-~]*"';
const INPUT = new RegExp(
  `^(${LABEL})=(\\((${COMPONENT}(?: ${COMPONENT})*)\\)((?:;${LABEL}=(?:${VALUE}))*))$`,
);
const PARAMETER = new RegExp(`;(${LABEL})=(${VALUE})`, 'gy');
const SIGNATURE = new RegExp(`^(${LABEL})=:([A-Za-z0-9+/]{43}=):$`);
const CONTENT_DIGEST = /^(sha-256|sha-512)=:([A-Za-z0-9+/]+={0,2}):$/;
const NONCE = /^"([\w+/=.~-]{8,64})"$/;

/** A request as it came over the wire. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query, as they stand in the request line. */
  readonly target: string;
  /** Header fields by their names in lower case, each line by itself. */
  readonly fields: Readonly<NodeJS.Dict<string[]>>;
  /** Undefined where there is none. */
  readonly body: Buffer | undefined;
}

/** What a request must be signed with, and when it arrived. */
export interface Expected {
  readonly keyId: string;
  readonly secret: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What makes a genuine signature one of a kind. */
export interface Signature {
  readonly nonce: string;
  /** Milliseconds since 1970. */
  readonly created: number;
}

interface Input {
  readonly label: string;
  /** The value of `@signature-params`. */
  readonly text: string;
  readonly components: readonly string[];
  readonly parameters: ReadonlyMap<string, string>;
}

/** Whether the nonce is new is not known here. @throws Problem `invalid-signature` */
export function verifySignature(request: SignedRequest, expected: Expected): Signature {
  const input = readInput(request);
  checkCoverage(input.components, request);
  const signature = checkParameters(input.parameters, expected);
  const base = Buffer.from(signatureBase(input, request), 'latin1');
  const mac = createHmac('sha256', expected.secret).update(base).digest('base64');
  // As text: base64 has several ways to write the last byte, and one is enough.
  if (!timingSafeEqual(Buffer.from(mac), Buffer.from(macOf(input.label, request))))
    throw refusal('The signature does not match.');
  if (input.components.includes(DIGEST)) checkDigest(request);
  return signature;
}

/** RFC 9421, 2.5: what is signed. Node reads header fields as Latin-1, and they are signed as the bytes they were. */
function signatureBase({ components, text }: Pick<Input, 'components' | 'text'>, request: SignedRequest) {
  const lines = components.map((name) => `"${name}": ${valueOf(name, request)}`);
  return [...lines, `"@signature-params": ${text}`].join('\n');
}

/** RFC 9421, 2.1 and 2.2. The path and the query are those of the request line: nothing is decoded, nothing sorted. */
function valueOf(name: string, { method, target, fields }: SignedRequest): string {
  const queryAt = target.includes('?') ? target.indexOf('?') : target.length;
  if (name === '@method') return method;
  if (name === '@path') return target.slice(0, queryAt);
  if (name === '@query') return target.slice(queryAt) || '?';
  const lines = fields[name];
  if (!lines) throw refusal(`"${name}" is covered, and not in the request.`);
  return lines.map((line) => line.trim()).join(', ');
}

function readInput(request: SignedRequest): Input {
  const [, label = '', text = '', list, parameterText = ''] =
    INPUT.exec(only('signature-input', request)) ?? [];
  if (list === undefined) throw refusal('Signature-Input has not the documented form.');
  const entries = [...parameterText.matchAll(PARAMETER)].map(
    ([, name = '', value = '']) => [name, value] as const,
  );
  const parameters = new Map(entries);
  if (parameters.size < entries.length) throw refusal('Signature-Input has a parameter twice.');
  return { label, text, components: list.slice(1, -1).split('" "'), parameters };
}

function macOf(label: string, request: SignedRequest): string {
  const [, itsLabel, mac] = SIGNATURE.exec(only('signature', request)) ?? [];
  if (mac === undefined || itsLabel !== label)
    throw refusal('Signature has not the documented form, or another label than Signature-Input.');
  return mac;
}

function checkCoverage(components: readonly string[], { body }: SignedRequest): void {
  if (new Set(components).size < components.length) throw refusal('A component is covered twice.');
  for (const name of [...REQUIRED, ...(body === undefined ? [] : [DIGEST])])
    if (!components.includes(name)) throw refusal(`"${name}" is not covered.`);
}

function checkParameters(parameters: ReadonlyMap<string, string>, { keyId, now }: Expected): Signature {
  const created = instantOf(parameters.get('created'));
  const [, nonce] = NONCE.exec(parameters.get('nonce') ?? '') ?? [];
  if (created === undefined || Math.abs(now - created) > TOLERANCE_MS)
    throw refusal('`created` is missing, or more than 5 minutes away from the time of the service.');
  if (nonce === undefined) throw refusal('`nonce` is missing, or not 8 to 64 of the documented characters.');
  if (parameters.get('keyid') !== `"${keyId}"`) throw refusal('`keyid` is not the id of the API key.');
  if ((parameters.get('alg') ?? '"hmac-sha256"') !== '"hmac-sha256"')
    throw refusal('`alg` is not hmac-sha256.');
  if (parameters.has('expires') && !((instantOf(parameters.get('expires')) ?? 0) > now))
    throw refusal('`expires` has passed.');
  return { nonce, created };
}

const instantOf = (seconds = ''): number | undefined =>
  /^\d+$/.test(seconds) ? Number(seconds) * 1_000 : undefined;

function checkDigest(request: SignedRequest): void {
  const [, algorithm, digest] = CONTENT_DIGEST.exec(only(DIGEST, request)) ?? [];
  if (algorithm === undefined) throw refusal('Content-Digest has not the documented form.');
  if (digest !== hash(algorithm.replace('-', ''), request.body ?? Buffer.alloc(0), 'base64'))
    throw refusal('Content-Digest is not that of the body.');
}

/** The value of a field that must be there once. */
function only(name: string, { fields }: SignedRequest): string {
  const [value, another] = fields[name] ?? [];
  if (value === undefined || another !== undefined) throw refusal(`\`${name}\` must be there, once.`);
  return value.trim();
}

const refusal = (detail: string): Problem => new Problem('invalid-signature', { detail });
