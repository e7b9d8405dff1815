import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock.js';
import { TimeSlice } from '../../../platform/time-slice.js';
import type { Conditional } from '../../../kernel/http/conditional.js';
import { Problem } from '../../../kernel/http/problem.js';
import { RecordCatalog } from '../../../records/define/record-catalog.js';
import type { Owner } from '../../../records/define/owner.js';
import { ChangeSequence, type Head } from '../../../records/write/change-sequence.js';
import type { RecordKind } from '../../../records/define/record-kind.js';
import { changeTag } from '../../../records/read/change-tag.js';
import { type Cursor, Cursors, fingerprint } from './cursor.js';
import { EpochsService } from './epochs.service.js';
import { PullPage } from './pull-page.js';
import { DEFAULT_PAGE, type PullDto, type PullQuery } from './pull.dto.js';
import { type PulledPage, pulledOf } from './pull.presenter.js';
import { readKinds } from './requested-kinds.js';
import { ChangeFeed, type Stretch } from '../../../records/read/change-feed.js';

export interface PullRequest {
  readonly cursor: string | undefined;
  readonly kinds: readonly RecordKind[];
  /** Epoch of the data of a client without a cursor. */
  readonly epoch: string | undefined;
  readonly limit: number;
}

/**
 * The changes of one owner's records that a client does not have. The head is read before the rows, and no row after the
 * head is returned: a row that changes during the read is returned again later, and none is skipped.
 */
@Injectable()
export class PullService {
  private readonly prints: ReadonlyMap<string, RecordKind>;

  constructor(
    private readonly catalog: RecordCatalog,
    private readonly sequence: ChangeSequence,
    private readonly feed: ChangeFeed,
    private readonly epochs: EpochsService,
    private readonly cursors: Cursors,
    private readonly clock: Clock,
  ) {
    this.prints = new Map(catalog.all.map((kind) => [fingerprint(kind), kind]));
    if (this.prints.size < catalog.all.length) throw new Error('Two kinds share a fingerprint');
  }

  /** The answer to a pull request; it need not be read while the owner's head is the same. */
  async answer(owner: Owner, query: PullQuery): Promise<Conditional<PullDto>> {
    const head = await this.head(owner);
    const tag = changeTag(head, query);
    return { tag, vary: 'Authorization', read: () => this.readAnswer(owner, query, head) };
  }

  head(owner: Owner): Promise<Head> {
    return this.sequence.head(owner);
  }

  /** The next page for the kinds that a cursor covers or fills. @throws Problem as {@link pull} */
  async next(owner: Owner, cursor: string): Promise<PulledPage> {
    const { covered, fill } = this.cursors.read(cursor, owner.id);
    const kinds = this.kindsBy([...covered, ...(fill?.kinds ?? [])]);
    const request = { cursor, kinds, epoch: undefined, limit: DEFAULT_PAGE };
    return this.pull(owner, request, await this.head(owner));
  }

  /** @throws Problem `bad-cursor`, `cursor-user-mismatch`, `cursor-expired`, `epoch-changed`, `too-many-epochs` */
  async pull(owner: Owner, request: PullRequest, head: Head): Promise<PulledPage> {
    const start = await this.startOf(owner, request, head);
    const cursor = aimAt(start, request.kinds.map(fingerprint));
    const page = new PullPage(request.limit);
    const filled = await this.fill(owner, cursor, head, page);
    const { cursor: next, hasMore } = await this.follow(owner, filled, head, page);
    // Rows are read after the head: a tombstone between them may just have been purged and would never be delivered.
    if (start.seq < head.seq && start.seq < (await this.sequence.head(owner)).purgedSeq)
      throw new Problem('cursor-expired');
    return { head, changes: page.changes, cursor: this.cursors.write(next), seq: next.seq, hasMore };
  }

  /** @throws Problem `validation` for an unknown kind, and those of {@link pull} */
  private async readAnswer(
    owner: Owner,
    { cursor, epoch, limit, kinds: names }: PullQuery,
    head: Head,
  ): Promise<PullDto> {
    const kinds = readKinds(this.catalog, owner.type, names);
    const page = await this.pull(owner, { cursor, kinds, epoch, limit }, head);
    return { epoch: head.epoch, serverTime: this.clock.date(), ...pulledOf(page) };
  }

  private async startOf(owner: Owner, request: PullRequest, head: Head): Promise<Cursor> {
    const cursor: Cursor =
      request.cursor === undefined
        ? {
            ownerId: owner.id,
            epoch: request.epoch ?? head.epoch,
            seq: head.seq,
            covered: [],
            fill: undefined,
          }
        : this.cursors.read(request.cursor, owner.id);
    if (cursor.epoch !== head.epoch) throw await this.epochs.changed(owner, cursor.epoch);
    // The cursor is ahead of the head, so the database is older than its own earlier answers.
    if (cursor.seq > head.seq) throw await this.epochs.beginFor(owner, cursor);
    if (cursor.seq < head.purgedSeq) throw new Problem('cursor-expired');
    return cursor;
  }

  /** Reads live records of kinds that the client does not have yet; it needs no earlier deletions. */
  private async fill(owner: Owner, cursor: Cursor, head: Head, page: PullPage): Promise<Cursor> {
    if (!cursor.fill) return cursor;
    const { seq: upTo, covered } = cursor;
    const { kinds, after } = cursor.fill;
    const moved = this.kindsBy(kinds).filter(movedSince(after, head));
    const isWhole = await this.read(owner, moved, { after, upTo, which: 'live' }, page);
    if (!isWhole) return { ...cursor, fill: { kinds, after: page.lastSeq } };
    return { ...cursor, covered: [...covered, ...kinds], fill: undefined };
  }

  private async follow(
    owner: Owner,
    cursor: Cursor,
    head: Head,
    page: PullPage,
  ): Promise<{ cursor: Cursor; hasMore: boolean }> {
    const { covered, seq: after, fill } = cursor;
    if (fill || page.isFull) return { cursor, hasMore: fill !== undefined || after < head.seq };
    const kinds = this.kindsBy(covered).filter(movedSince(after, head));
    const isWhole = await this.read(owner, kinds, { after, upTo: head.seq, which: 'all' }, page);
    return { cursor: { ...cursor, seq: isWhole ? head.seq : page.lastSeq }, hasMore: !isWhole };
  }

  /** Reads until the page is full, and lets others be served between two reads. @returns whether the whole range fits. */
  private async read(
    owner: Owner,
    kinds: readonly RecordKind[],
    stretch: Stretch,
    page: PullPage,
  ): Promise<boolean> {
    const slice = new TimeSlice();
    for (let { after } = stretch; after < stretch.upTo;) {
      const { changes, reached } = await this.feed.read(owner, kinds, { ...stretch, after }, page.wanted);
      if (slice.isOver) await slice.next();
      for (const change of changes) if (!page.add(change)) return false;
      after = reached;
    }
    return true;
  }

  private kindsBy(prints: readonly string[]): RecordKind[] {
    return prints.flatMap((print) => this.prints.get(print) ?? []);
  }
}

const movedSince =
  (after: number, { digests }: Head) =>
  ({ name }: RecordKind): boolean =>
    digests === undefined || (digests[name]?.last ?? 0) > after;

/** Keeps the position for these kinds: drops kinds that are no longer requested and fills new ones from their beginning. */
function aimAt(cursor: Cursor, wanted: readonly string[]): Cursor {
  const covered = cursor.covered.filter((print) => wanted.includes(print));
  const filling = (cursor.fill?.kinds ?? []).filter((print) => wanted.includes(print));
  const missing = wanted.filter((print) => !covered.includes(print) && !filling.includes(print));
  const kinds = [...filling, ...missing];
  const after = missing.length > 0 ? 0 : (cursor.fill?.after ?? 0);
  return { ...cursor, covered, fill: kinds.length > 0 ? { kinds, after } : undefined };
}
