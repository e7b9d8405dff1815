import { Problem } from '../../../kernel/http/problem.js';
import type { RecordKind } from '../../../records/define/record-kind.js';
import { digest } from '../../../platform/random-token.js';

/**
 * The position of a client. The main stream delivers every change after `seq`. Kinds that the client does not have from
 * the beginning are filled first: their live records up to `seq`. A bootstrap fills all kinds.
 */
export interface Cursor {
  readonly ownerId: string;
  readonly epoch: string;
  readonly seq: number;
  /** Fingerprints of the kinds that are complete up to `seq`. */
  readonly covered: readonly string[];
  readonly fill: Fill | undefined;
}

interface Fill {
  /** Fingerprints of the kinds being filled. */
  readonly kinds: readonly string[];
  readonly after: number;
}

/** Identifies a kind and its revision: after a new revision no old cursor covers the kind, and it is filled again. */
export const fingerprint = ({ definition: { kind, revision } }: RecordKind): string =>
  digest(`${kind}:${revision}`).slice(0, 4);

const PREFIX = 'c1.';

/** Opaque on the wire. Not signed, because a manipulated cursor harms only its own client. */
export function writeCursor({ ownerId, epoch, seq, covered, fill }: Cursor): string {
  const fields = [shorten(ownerId), epoch, `${seq}`, covered.join('')];
  const filling = fill ? [fill.kinds.join(''), `${fill.after}`] : [];
  return PREFIX + Buffer.from(JSON.stringify([...fields, ...filling])).toString('base64url');
}

/** @throws Problem `bad-cursor`, `cursor-user-mismatch` */
export function readCursor(text: string, ownerId: string): Cursor {
  const fields = fieldsOf(text);
  const [owner, epoch, seq, covered, filling, after] = fields;
  if (owner === undefined || epoch === undefined || seq === undefined || covered === undefined)
    throw new Problem('bad-cursor');
  if (owner !== shorten(ownerId)) throw new Problem('cursor-user-mismatch');
  return {
    ownerId,
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

function numberOf(text: string): number {
  const isPlace = /^\d{1,19}$/.test(text) && BigInt(text) <= MAX_SEQ;
  if (!isPlace) throw new Problem('bad-cursor');
  return Number(text);
}

/** The greatest BIGINT. */
const MAX_SEQ = 9_223_372_036_854_775_807n;

const printsOf = (text: string): string[] => text.match(/.{4}/g) ?? [];

const shorten = (ownerId: string): string => digest(ownerId).slice(0, 8);
