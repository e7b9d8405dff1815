import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { Database, instantText, readInstant } from '../../platform/database/database.js';
import { Turns } from '../../platform/database/mutex.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { Problem } from '../../kernel/http/problem.js';
import type { Owner } from '../define/owner.js';
import { Announcements } from './announcements.js';
import {
  type DigestCount,
  type Digests,
  EMPTY_DIGEST,
  hasCounted,
  moveDigest,
  readCount,
  readDigests,
  writeCount,
  writeDigests,
} from '../merge/digest.js';
import {
  type Life,
  moveCount,
  readRecordCounts,
  type RecordCounts,
  writeRecordCounts,
} from '../merge/record-counts.js';

/** The changes of one owner in one transaction. They share one stamp and have consecutive numbers. */
export class ChangeSet {
  private taken = 0;
  private readonly touched = new Set<string>();
  private hasNewDigests = false;
  private hasNewCounts = false;
  private isBoundary = false;

  constructor(
    readonly owner: Owner,
    /** The time of the transaction. It is later than the time of every earlier transaction of this owner, on any node. */
    readonly stamp: Date,
    readonly epoch: string,
    private readonly base: number,
    private digests: Digests | undefined,
    private count: DigestCount | undefined,
    private counts: RecordCounts | undefined,
  ) {}

  /** Takes the number of the next change in the owner's order. */
  next(): number {
    this.taken += 1;
    return this.last;
  }

  /** The newest number, taken in this transaction or an earlier one. */
  get last(): number {
    return this.base + this.taken;
  }

  get isEmpty(): boolean {
    return this.taken === 0 && !this.hasNewDigests && !this.hasNewCounts && !this.isBoundary;
  }

  /**
   * Makes the stamp a boundary: every later transaction has a later stamp, on any node, also when this one changes no record.
   * @returns the stamp
   */
  boundary(): Date {
    this.isBoundary = true;
    return this.stamp;
  }

  get kinds(): readonly string[] {
    return [...this.touched];
  }

  /** Undefined when the digests have to be counted from the records. */
  get knownDigests(): Digests | undefined {
    return this.digests;
  }

  /** How far a count of missing digests has come; undefined when none has begun. */
  get unfinishedCount(): DigestCount | undefined {
    return this.count;
  }

  /** Notes that a record went from one version to another. A version is undefined while the record is not live. */
  moved(
    kind: string,
    { id, seq }: { id: string; seq: number },
    before: number | undefined,
    after: number | undefined,
  ): void {
    this.touched.add(kind);
    const move = (digests: Digests): Digests => ({
      ...digests,
      [kind]: moveDigest(digests[kind] ?? EMPTY_DIGEST, id, before, after, seq),
    });
    if (this.digests) this.digests = move(this.digests);
    else if (this.count && hasCounted(this.count, kind, id))
      this.count = { ...this.count, digests: move(this.count.digests) };
  }

  /** Keeps a further step of a count that was made under this lock. */
  counted(count: DigestCount): void {
    this.count = count;
    this.hasNewDigests = true;
  }

  /** Undefined when the records have to be counted. */
  get knownCounts(): RecordCounts | undefined {
    return this.counts;
  }

  /** Notes that records of a kind were stored, deleted, restored or purged; one of them by default. */
  countMoved(kind: string, before: Life, after: Life, size = 1): void {
    if (this.counts) this.counts = moveCount(this.counts, kind, before, after, size);
  }

  /** Keeps counts that were taken from the records under this lock. */
  adoptCounts(counts: RecordCounts): void {
    this.counts = counts;
    this.hasNewCounts = true;
  }

  /** Keeps the digests of a finished count. */
  adopt(digests: Digests): void {
    this.digests = digests;
    this.count = undefined;
    this.hasNewDigests = true;
  }
}

/** The state of an owner's order of changes. */
export interface Head {
  /** The number of the newest change. */
  readonly seq: number;
  /** The stamp of the transaction that made the newest change. */
  readonly stamp: Date;
  /** Identifies one unbroken history. A database that is restored from a backup begins a new epoch. */
  readonly epoch: string;
  /** Tombstones up to this number may have been purged. */
  readonly purgedSeq: number;
  /** Undefined when the digests have to be counted from the records. */
  readonly digests: Digests | undefined;
  /** Undefined when the records have to be counted. */
  readonly counts: RecordCounts | undefined;
}

/** A random value and not a counter, because two restores of one backup must have different epochs. */
export const newEpoch = (): string => randomBytes(9).toString('base64url');

const MAX_WAITING = 1_000;

const COLUMNS = 'seq, stamp, epoch, purged_seq, digests, digest_count, record_counts';

interface HeadRow {
  readonly seq: unknown;
  readonly stamp: unknown;
  readonly epoch: string;
  readonly purged_seq: unknown;
  readonly digests: string | null;
  readonly digest_count: string | null;
  readonly record_counts: string | null;
}

/**
 * Serialises the changes of one owner. A transaction locks the owner's sequence row first and holds the lock until COMMIT.
 * So the order of the numbers is the order of the commits, and every reader sees a prefix of that order.
 */
@Injectable()
export class ChangeSequence {
  /** Only one transaction of an owner uses the database at a time, so a busy owner cannot take all connections. */
  private readonly turns: Turns;

  constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly announcements: Announcements,
  ) {
    this.turns = new Turns(database.writeWaitMs, MAX_WAITING);
  }

  /** Creates the sequence row. Call it when the owner is created, so that two first writes cannot race to insert it. */
  async create({ type, id }: Owner): Promise<void> {
    await this.database.execute(
      `INSERT INTO ${type.sequences} (${type.column}, seq, stamp, epoch, purged_seq, digests, record_counts) VALUES (?, 0, ?, ?, 0, ?, ?)`,
      [id, instantText(this.clock.date()), newEpoch(), '{}', '{}'],
    );
  }

  /**
   * Runs `work` in a unit of work that holds the owner's lock. Inside a unit that already holds it, `work` joins that unit
   * and shares its stamp.
   * @throws Problem with the owner type's `missing` code, when there is no such owner.
   */
  change<T>(owner: Owner, work: (changes: ChangeSet) => Promise<T>): Promise<T> {
    const key = `sequence:${owner.type.name}:${owner.id}`;
    const outer = this.database.unit?.held.get(key);
    if (outer instanceof ChangeSet) return work(outer);
    const locked = (leave?: () => void) =>
      this.unitOfWork.run(async () => {
        const changes = await this.lock(owner);
        this.database.unit?.held.set(key, changes);
        const result = await work(changes);
        if (!changes.isEmpty) await this.advance(changes);
        // On SQLite nothing is held until COMMIT: the owner's next change may share it.
        if (this.database.dialect === 'sqlite') leave?.();
        return result;
      });
    // A unit that is already running has a connection. If it waited here, it could wait for itself.
    return this.database.unit ? locked() : this.turns.run(key, locked);
  }

  /**
   * Reads the state by one primary-key read.
   * @throws Problem with the owner type's `missing` code, when there is no such owner.
   */
  async head(owner: Owner): Promise<Head> {
    const row = await this.read(owner, '');
    return {
      seq: Number(row.seq),
      stamp: readInstant(row.stamp),
      epoch: row.epoch,
      purgedSeq: Number(row.purged_seq),
      // Most who ask for the head only compare it.
      get digests() {
        return readDigests(row.digests);
      },
      get counts() {
        return readRecordCounts(row.record_counts);
      },
    };
  }

  private async lock(owner: Owner): Promise<ChangeSet> {
    const row = await this.read(owner, this.database.forUpdate);
    const stamp = Math.max(this.clock.now(), readInstant(row.stamp).getTime() + 1);
    const seq = Number(row.seq);
    return new ChangeSet(
      owner,
      new Date(stamp),
      row.epoch,
      seq,
      readDigests(row.digests),
      readCount(row.digest_count, seq),
      readRecordCounts(row.record_counts),
    );
  }

  private async read({ type, id }: Owner, lock: string): Promise<HeadRow> {
    const [row] = await this.database.rows<HeadRow>(
      `SELECT ${COLUMNS} FROM ${type.sequences} WHERE ${type.column} = ?${lock}`,
      [id],
    );
    if (!row) throw new Problem(type.missing);
    return row;
  }

  private async advance(changes: ChangeSet): Promise<void> {
    const { owner, stamp, last, kinds, knownDigests, unfinishedCount, knownCounts } = changes;
    const count = writeCount(unfinishedCount, last);
    await this.database.execute(
      `UPDATE ${owner.type.sequences} SET seq = ?, stamp = ?, digests = ?, digest_count = ?, record_counts = ?
       WHERE ${owner.type.column} = ?`,
      [last, instantText(stamp), writeDigests(knownDigests), count, writeRecordCounts(knownCounts), owner.id],
    );
    if (kinds.length > 0)
      this.unitOfWork.afterCommit(() => this.announcements.announce({ owner, head: last, kinds }));
  }
}
