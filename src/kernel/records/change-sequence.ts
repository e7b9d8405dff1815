import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { Database, instantText, readInstant } from '../../platform/database/database.js';
import { Turns } from '../../platform/database/mutex.js';
import { exactInteger } from '../../platform/database/table.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { Problem } from '../http/problem.js';
import { Announcements } from './announcements.js';
import { type Digests, EMPTY_DIGEST, moveDigest, readDigests, writeDigests } from './digest.js';

/** The changes of one person in one transaction: one stamp, consecutive numbers. */
export class ChangeSet {
  private taken = 0n;
  private readonly touched = new Set<string>();
  private hasNewDigests = false;

  constructor(
    readonly userId: string,
    /** The time of the transaction: never before any earlier one of this person, on any node. */
    readonly stamp: Date,
    readonly epoch: string,
    private readonly base: bigint,
    private digests: Digests | undefined,
  ) {}

  /** The place of one more change in the person's order. */
  next(): bigint {
    this.taken += 1n;
    return this.last;
  }

  /** The newest number, taken here or before. */
  get last(): bigint {
    return this.base + this.taken;
  }

  get isEmpty(): boolean {
    return this.taken === 0n && !this.hasNewDigests;
  }

  get kinds(): readonly string[] {
    return [...this.touched];
  }

  /** Undefined when they have to be counted. */
  get knownDigests(): Digests | undefined {
    return this.digests;
  }

  /** Notes that a record went from one version to another; undefined where it does not live. */
  moved(
    kind: string,
    { id, seq }: { id: string; seq: bigint },
    before: number | undefined,
    after: number | undefined,
  ): void {
    this.touched.add(kind);
    if (this.digests)
      this.digests = {
        ...this.digests,
        [kind]: moveDigest(this.digests[kind] ?? EMPTY_DIGEST, id, before, after, seq),
      };
  }

  /** Keeps digests that were counted under this lock. */
  adopt(digests: Digests): void {
    this.digests = digests;
    this.hasNewDigests = true;
  }
}

/** The state of a person's order. */
export interface Head {
  /** The number of the newest change. */
  readonly seq: bigint;
  /** The stamp of its transaction. */
  readonly stamp: Date;
  /** Names one unbroken history: a database that was restored from a backup begins a new one. */
  readonly epoch: string;
  /** Tombstones up to this number may be gone. */
  readonly purgedSeq: bigint;
  /** Undefined when they have to be counted. */
  readonly digests: Digests | undefined;
}

/** Random, never counted: two restores of one backup must not look the same. */
export const newEpoch = (): string => randomBytes(9).toString('base64url');

/** A phone waits this long for its turn before it is told to come back. */
const MAX_WAIT_MS = 5_000;
const MAX_WAITING = 1_000;

const COLUMNS = `${exactInteger('seq')} AS seq_text, stamp, epoch,
  ${exactInteger('purged_seq')} AS purged_seq_text, digests`;

interface HeadRow {
  readonly seq_text: string;
  readonly stamp: unknown;
  readonly epoch: string;
  readonly purged_seq_text: string;
  readonly digests: string | null;
}

/**
 * The gate to everything a person owns. It locks the person's sequence row first and holds it to COMMIT: changes of one
 * person are serialised, so the order of numbers is the order of commits and every reader sees a prefix of it.
 */
@Injectable()
export class ChangeSequence {
  /** Of one person's changes one at a time asks the database, so a hot account cannot take all its connections. */
  private readonly turns = new Turns(MAX_WAIT_MS, MAX_WAITING);

  constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly announcements: Announcements,
  ) {}

  /** Makes the row, at sign-up: two first writes must not race to create it. */
  async create(userId: string): Promise<void> {
    await this.database.execute(
      'INSERT INTO user_sequences (user_id, seq, stamp, epoch, purged_seq, digests) VALUES (?, 0, ?, ?, 0, ?)',
      [userId, instantText(this.clock.date()), newEpoch(), '{}'],
    );
  }

  /**
   * Runs `work` in a unit of work that holds the person's lock; inside one that already holds it, `work` joins that
   * and shares its stamp.
   * @throws Problem `session-revoked` when the account is gone.
   */
  change<T>(userId: string, work: (changes: ChangeSet) => Promise<T>): Promise<T> {
    const key = `sequence:${userId}`;
    const outer = this.database.unit?.held.get(key);
    if (outer instanceof ChangeSet) return work(outer);
    const locked = () =>
      this.unitOfWork.run(async () => {
        const changes = await this.lock(userId);
        this.database.unit?.held.set(key, changes);
        const result = await work(changes);
        if (!changes.isEmpty) await this.advance(changes);
        return result;
      });
    // A unit that is already running has its connection; waiting here could wait for itself.
    return this.database.unit ? locked() : this.turns.run(userId, locked);
  }

  /** One primary-key read. @throws Problem `session-revoked` when the account is gone. */
  async head(userId: string): Promise<Head> {
    const [row] = await this.database.rows<HeadRow>(
      `SELECT ${COLUMNS} FROM user_sequences WHERE user_id = ?`,
      [userId],
    );
    if (!row) throw new Problem('session-revoked');
    return {
      seq: BigInt(row.seq_text),
      stamp: readInstant(row.stamp),
      epoch: row.epoch,
      purgedSeq: BigInt(row.purged_seq_text),
      digests: readDigests(row.digests),
    };
  }

  private async lock(userId: string): Promise<ChangeSet> {
    const [row] = await this.database.rows<HeadRow>(
      `SELECT ${COLUMNS} FROM user_sequences WHERE user_id = ?${this.database.forUpdate}`,
      [userId],
    );
    if (!row) throw new Problem('session-revoked');
    const stamp = Math.max(this.clock.now(), readInstant(row.stamp).getTime() + 1);
    return new ChangeSet(userId, new Date(stamp), row.epoch, BigInt(row.seq_text), readDigests(row.digests));
  }

  private async advance(changes: ChangeSet): Promise<void> {
    const { userId, stamp, last, kinds, knownDigests } = changes;
    await this.database.execute(
      'UPDATE user_sequences SET seq = ?, stamp = ?, digests = ? WHERE user_id = ?',
      [last, instantText(stamp), writeDigests(knownDigests), userId],
    );
    if (kinds.length > 0)
      this.unitOfWork.afterCommit(() => this.announcements.announce({ userId, head: last, kinds }));
  }
}
