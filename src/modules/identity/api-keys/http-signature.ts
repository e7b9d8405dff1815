import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { Problem } from '../../../kernel/http/problem.js';

/*
 * HTTP Message Signatures (RFC 9421) with Content-Digest (RFC 9530) in the one form that this service accepts: one
 * hmac-sha256 signature over components without parameters, serialised as in RFC 8941. Any other form is refused
 * and never interpreted, so that it cannot be read in two ways. docs/security.md explains why no library does this.
 */

/** Largest accepted difference between the clocks of client and service, including the time that the request travels. */
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

/** A request as received. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query, as they stand in the request line. */
  readonly target: string;
  /** Header fields by lower-case name, one value per line. */
  readonly fields: Readonly<NodeJS.Dict<string[]>>;
  /** Undefined if there is none. */
  readonly body: Buffer | undefined;
}

/** The key and secret that a request must be signed with, and its time of arrival. */
export interface Expected {
  readonly keyId: string;
  readonly secret: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The values that identify a genuine signature. */
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

/** Verifies everything except whether the nonce is new. @throws Problem `invalid-signature` */
export function verifySignature(request: SignedRequest, expected: Expected): Signature {
  const input = readInput(request);
  checkCoverage(input.components, request);
  const signature = checkParameters(input.parameters, expected);
  const base = Buffer.from(signatureBase(input, request), 'latin1');
  const mac = createHmac('sha256', expected.secret).update(base).digest('base64');
  // Compared as text, because base64 has several spellings of the last byte and only one is accepted.
  if (!timingSafeEqual(Buffer.from(mac), Buffer.from(macOf(input.label, request))))
    throw refusal('The signature does not match.');
  if (input.components.includes(DIGEST)) checkDigest(request);
  return signature;
}

/** RFC 9421, 2.5: the signature base. Node reads header fields as Latin-1, and the signature covers their original bytes. */
function signatureBase({ components, text }: Pick<Input, 'components' | 'text'>, request: SignedRequest) {
  const lines = components.map((name) => `"${name}": ${valueOf(name, request)}`);
  return [...lines, `"@signature-params": ${text}`].join('\n');
}

/** RFC 9421, 2.1 and 2.2. The path and the query are those of the request line, neither decoded nor sorted. */
function valueOf(name: string, { method, target, fields }: SignedRequest): string {
  const queryAt = target.includes('?') ? target.indexOf('?') : target.length;
  if (name === '@method') return method;
  if (name === '@path') return target.slice(0, queryAt);
  if (name === '@query') return target.slice(queryAt) || '?';
  const lines = fields[name];
  if (!lines) throw refusal(`The signature covers "${name}", but the request does not have it.`);
  return lines.map((line) => line.trim()).join(', ');
}

function readInput(request: SignedRequest): Input {
  const [, label = '', text = '', list, parameterText = ''] =
    INPUT.exec(only('signature-input', request)) ?? [];
  if (list === undefined) throw refusal('Signature-Input does not have the documented form.');
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
    throw refusal(
      'Signature does not have the documented form, or its label is not that of Signature-Input.',
    );
  return mac;
}

function checkCoverage(components: readonly string[], { body }: SignedRequest): void {
  if (new Set(components).size < components.length) throw refusal('A component is covered twice.');
  for (const name of [...REQUIRED, ...(body === undefined ? [] : [DIGEST])])
    if (!components.includes(name)) throw refusal(`The signature does not cover "${name}".`);
}

function checkParameters(parameters: ReadonlyMap<string, string>, { keyId, now }: Expected): Signature {
  const created = instantOf(parameters.get('created'));
  const [, nonce] = NONCE.exec(parameters.get('nonce') ?? '') ?? [];
  if (created === undefined || Math.abs(now - created) > TOLERANCE_MS)
    throw refusal('`created` is missing, or differs by more than 5 minutes from the time of the service.');
  if (nonce === undefined)
    throw refusal('`nonce` is missing, or does not have 8 to 64 of the documented characters.');
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
  if (algorithm === undefined) throw refusal('Content-Digest does not have the documented form.');
  if (digest !== hash(algorithm.replace('-', ''), request.body ?? Buffer.alloc(0), 'base64'))
    throw refusal('Content-Digest does not match the body.');
}

/** The value of a field that must occur exactly once. */
function only(name: string, { fields }: SignedRequest): string {
  const [value, another] = fields[name] ?? [];
  if (value === undefined || another !== undefined)
    throw refusal(`The request must have \`${name}\` exactly once.`);
  return value.trim();
}

const refusal = (detail: string): Problem => new Problem('invalid-signature', { detail });
