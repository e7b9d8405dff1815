import { Injectable } from '@nestjs/common';
import type { Actor } from '../../kernel/http/actor.js';
import { Problem } from '../../kernel/http/problem.js';
import { RecordCatalog } from '../../kernel/records/catalog.js';
import { ChangeSequence, type Head } from '../../kernel/records/change-sequence.js';
import type { RecordKind } from '../../kernel/records/record-kind.js';
import type { ChangeDto } from './change.dto.js';
import { type Cursor, fingerprint, readCursor, writeCursor } from './cursor.js';
import { EpochsService } from './epochs.service.js';
import { type Change, PullPage } from './pull-page.js';

export interface PullRequest {
  readonly cursor: string | undefined;
  readonly kinds: readonly RecordKind[];
  /** Of the data a client without a cursor holds. */
  readonly epoch: string | undefined;
  readonly limit: number;
}

export interface PulledPage {
  readonly head: Head;
  readonly changes: ChangeDto[];
  readonly cursor: string;
  readonly seq: bigint;
  readonly hasMore: boolean;
}

/** A part of a person's order. */
interface Stretch {
  readonly userId: string;
  /** Fingerprints of the kinds that are wanted. */
  readonly prints: readonly string[];
  readonly after: bigint;
  readonly upTo: bigint;
  readonly which: 'all' | 'live';
}

/**
 * What a client has missed. The head is read before the rows, and no row after it is given: so a row that moves
 * meanwhile comes again later, and none is passed over.
 */
@Injectable()
export class PullService {
  private readonly prints: ReadonlyMap<string, RecordKind>;

  constructor(
    private readonly catalog: RecordCatalog,
    private readonly sequence: ChangeSequence,
    private readonly epochs: EpochsService,
  ) {
    this.prints = new Map(catalog.all.map((kind) => [fingerprint(kind), kind]));
    if (this.prints.size < catalog.all.length) throw new Error('Two kinds share a fingerprint');
  }

  head(actor: Actor): Promise<Head> {
    return this.sequence.head(actor.userId);
  }

  /** Those a cursor has, or is being filled with. @throws Problem `bad-cursor`, `cursor-user-mismatch` */
  kindsOf({ userId }: Actor, text: string): readonly RecordKind[] {
    const { covered, fill } = readCursor(text, userId);
    return [...covered, ...(fill?.kinds ?? [])].flatMap((print) => this.prints.get(print) ?? []);
  }

  /** @throws Problem `bad-cursor`, `cursor-user-mismatch`, `cursor-expired`, `epoch-changed` */
  async pull({ userId }: Actor, request: PullRequest, head: Head): Promise<PulledPage> {
    const start = await this.startOf(userId, request, head);
    const cursor = aimAt(start, request.kinds.map(fingerprint));
    const page = new PullPage(request.limit);
    const filled = await this.fill(cursor, page);
    const { cursor: next, hasMore } = await this.follow(filled, head, page);
    // Rows are read after the head: a tombstone between them may just have been purged, and would never be told.
    if (start.seq < head.seq && start.seq < (await this.sequence.head(userId)).purgedSeq)
      throw new Problem('cursor-expired');
    return { head, changes: page.changes, cursor: writeCursor(next), seq: next.seq, hasMore };
  }

  private async startOf(userId: string, request: PullRequest, head: Head): Promise<Cursor> {
    const cursor: Cursor =
      request.cursor === undefined
        ? { userId, epoch: request.epoch ?? head.epoch, seq: head.seq, covered: [], fill: undefined }
        : readCursor(request.cursor, userId);
    if (cursor.epoch !== head.epoch) throw await this.epochs.changed(userId, cursor.epoch);
    // A place that was never reached: the database is older than what it has answered.
    if (cursor.seq > head.seq) throw await this.epochs.beginFor(userId, cursor);
    if (cursor.seq < head.purgedSeq) throw new Problem('cursor-expired');
    return cursor;
  }

  /** Live records of kinds the client has not had: what was deleted before needs no telling. */
  private async fill(cursor: Cursor, page: PullPage): Promise<Cursor> {
    if (!cursor.fill) return cursor;
    const { userId, seq: upTo, covered } = cursor;
    const { kinds, after } = cursor.fill;
    const isWhole = await this.read({ userId, prints: kinds, after, upTo, which: 'live' }, page);
    if (!isWhole) return { ...cursor, fill: { kinds, after: page.lastSeq } };
    return { ...cursor, covered: [...covered, ...kinds], fill: undefined };
  }

  private async follow(
    cursor: Cursor,
    head: Head,
    page: PullPage,
  ): Promise<{ cursor: Cursor; hasMore: boolean }> {
    const { userId, covered, seq: after, fill } = cursor;
    if (fill || page.isFull) return { cursor, hasMore: fill !== undefined || after < head.seq };
    const prints = covered.filter((print) => this.hasMoved(print, after, head));
    const isWhole = await this.read({ userId, prints, after, upTo: head.seq, which: 'all' }, page);
    return { cursor: { ...cursor, seq: isWhole ? head.seq : page.lastSeq }, hasMore: !isWhole };
  }

  /** Reads on until the page is full. @returns whether all of the stretch is in it. */
  private async read(stretch: Stretch, page: PullPage): Promise<boolean> {
    for (let { after } = stretch; ;) {
      const wanted = page.wanted;
      const found = await this.changed({ ...stretch, after }, wanted);
      for (const change of found) if (!page.add(change)) return false;
      if (found.length < wanted) return true;
      after = page.lastSeq;
    }
  }

  private hasMoved(print: string, after: bigint, { digests }: Head): boolean {
    const name = this.prints.get(print)?.name ?? '';
    return digests === undefined || (digests[name]?.last ?? 0n) > after;
  }

  private async changed({ userId, prints, after, upTo, which }: Stretch, limit: number): Promise<Change[]> {
    if (after >= upTo) return [];
    const kinds = prints.flatMap((print) => this.prints.get(print) ?? []);
    const found = await Promise.all(
      kinds.map(async (kind) =>
        (await this.catalog.of(kind, userId).changed(after, upTo, limit, which)).map((record) => ({
          kind,
          record,
        })),
      ),
    );
    const [only] = found;
    if (found.length === 1 && only) return only;
    return found
      .flat()
      .toSorted((a, b) => (a.record.seq < b.record.seq ? -1 : 1))
      .slice(0, limit);
  }
}

/** The same place, for these kinds: what is not wanted any more is dropped, what is new is filled from its beginning. */
function aimAt(cursor: Cursor, wanted: readonly string[]): Cursor {
  const covered = cursor.covered.filter((print) => wanted.includes(print));
  const filling = (cursor.fill?.kinds ?? []).filter((print) => wanted.includes(print));
  const missing = wanted.filter((print) => !covered.includes(print) && !filling.includes(print));
  const kinds = [...filling, ...missing];
  const after = missing.length > 0 ? 0n : (cursor.fill?.after ?? 0n);
  return { ...cursor, covered, fill: kinds.length > 0 ? { kinds, after } : undefined };
}
