import { Problem } from '../../kernel/http/problem.js';
import type { RecordKind } from '../../kernel/records/record-kind.js';
import { digest } from '../../platform/random-token.js';

/**
 * How far a client has come. The main stream holds every change after `seq`. Kinds that it has not had from the
 * beginning are filled first: their live records up to `seq`. A bootstrap is the fill of all kinds.
 */
export interface Cursor {
  readonly userId: string;
  readonly epoch: string;
  readonly seq: bigint;
  /** Fingerprints of the kinds that are complete up to `seq`. */
  readonly covered: readonly string[];
  readonly fill: Fill | undefined;
}

interface Fill {
  /** Fingerprints of the kinds being filled. */
  readonly kinds: readonly string[];
  readonly after: bigint;
}

/** Of a kind and its shape: when a kind's revision moves, no old cursor covers it, and it is filled again. */
export const fingerprint = ({ definition: { kind, revision } }: RecordKind): string =>
  digest(`${kind}:${revision}`).slice(0, 4);

const PREFIX = 'c1.';

/** Opaque on the wire. Not signed: somebody who changes it fools only themselves. */
export function writeCursor({ userId, epoch, seq, covered, fill }: Cursor): string {
  const fields = [shorten(userId), epoch, `${seq}`, covered.join('')];
  const filling = fill ? [fill.kinds.join(''), `${fill.after}`] : [];
  return PREFIX + Buffer.from(JSON.stringify([...fields, ...filling])).toString('base64url');
}

/** @throws Problem `bad-cursor`, `cursor-user-mismatch` */
export function readCursor(text: string, userId: string): Cursor {
  const fields = fieldsOf(text);
  const [owner, epoch, seq, covered, filling, after] = fields;
  if (owner === undefined || epoch === undefined || seq === undefined || covered === undefined)
    throw new Problem('bad-cursor');
  if (owner !== shorten(userId)) throw new Problem('cursor-user-mismatch');
  return {
    userId,
    epoch,
    seq: numberOf(seq),
    covered: printsOf(covered),
    fill: filling === undefined ? undefined : { kinds: printsOf(filling), after: numberOf(after ?? '') },
  };
}

function fieldsOf(text: string): string[] {
  try {
    if (!text.startsWith(PREFIX)) throw new Error('another format');
    const fields: unknown = JSON.parse(Buffer.from(text.slice(PREFIX.length), 'base64url').toString());
    if (Array.isArray(fields) && fields.every((field) => typeof field === 'string')) return fields;
    throw new Error('another shape');
  } catch {
    throw new Problem('bad-cursor');
  }
}

function numberOf(text: string): bigint {
  const number = /^\d{1,19}$/.test(text) ? BigInt(text) : MAX_SEQ + 1n;
  if (number > MAX_SEQ) throw new Problem('bad-cursor');
  return number;
}

/** The greatest BIGINT. */
const MAX_SEQ = 9_223_372_036_854_775_807n;

const printsOf = (text: string): string[] => text.match(/.{4}/g) ?? [];

const shorten = (userId: string): string => digest(userId).slice(0, 8);
