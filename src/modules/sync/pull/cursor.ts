import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Problem } from '../../../kernel/http/problem.js';
import { digest } from '../../../platform/random-token.js';
import { type Keys, SecretKeys } from '../../../platform/secrets/secret-keys.js';
import type { RecordKind } from '../../../records/define/record-kind.js';

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

/** The version of the format. A cursor of another version is a bad cursor. */
const PREFIX = 'c2.';
/** 128 bits: an attacker has to try each guess at the service. */
const SIGNATURE_BYTES = 16;

/**
 * Writes and reads cursors. They are opaque on the wire and signed, because a cursor that is ahead of the database tells the
 * service that the database was restored: only the service itself may have written it.
 */
@Injectable()
export class Cursors {
  private readonly keys: Keys;

  constructor(keys: SecretKeys) {
    this.keys = keys.for('sync cursor');
  }

  write({ ownerId, epoch, seq, covered, fill }: Cursor): string {
    const fields = [shorten(ownerId), epoch, `${seq}`, covered.join('')];
    const filling = fill ? [fill.kinds.join(''), `${fill.after}`] : [];
    const content = PREFIX + Buffer.from(JSON.stringify([...fields, ...filling])).toString('base64url');
    return `${content}.${signature(content, this.keys[0])}`;
  }

  /** @throws Problem `bad-cursor`, `cursor-user-mismatch` */
  read(text: string, ownerId: string): Cursor {
    const [owner, epoch, seq, covered, filling, after] = this.fields(text);
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

  private fields(text: string): string[] {
    const end = text.lastIndexOf('.');
    const content = text.slice(0, end);
    if (!content.startsWith(PREFIX) || !this.isSigned(content, text.slice(end + 1)))
      throw new Problem('bad-cursor');
    // Only this service can have written what it has signed.
    return JSON.parse(Buffer.from(content.slice(PREFIX.length), 'base64url').toString()) as string[];
  }

  private isSigned(content: string, given: string): boolean {
    const bytes = Buffer.from(given);
    return this.keys.some((key) => {
      const expected = Buffer.from(signature(content, key));
      return bytes.length === expected.length && timingSafeEqual(bytes, expected);
    });
  }
}

const signature = (content: string, key: KeyObject): string =>
  createHmac('sha256', key).update(content).digest().subarray(0, SIGNATURE_BYTES).toString('base64url');

/** A `seq` beyond 2^53 would be rounded, and a rounded cursor could be ahead of the database. */
function numberOf(text: string): number {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(number)) throw new Problem('bad-cursor');
  return number;
}

const printsOf = (text: string): string[] => text.match(/.{4}/g) ?? [];

const shorten = (ownerId: string): string => digest(ownerId).slice(0, 8);
