import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Subscribers } from '../../../kernel/events/subscribers.js';
import { batchesOf } from '../../../platform/database/batches.js';
import { Database, instantText, placeholders } from '../../../platform/database/database.js';
import type { SqlValue } from '../../../platform/database/statements.js';
import type { DaySpan, OtherRecords, RecordMove } from '../../../records/define/define-record.js';
import { person } from '../../../records/define/person/person.owner.js';
import { RecordsChanged, topicOf } from '../../../records/define/records-changed.js';
import { type ChangeSet, ChangeSequence } from '../../../records/write/change-sequence.js';
import { DaySources } from './day-sources.js';
import type { Goal } from './goal.entity.js';

/** All days. */
export const ALL_DAYS: DaySpan = ['0001-01-01', '9999-12-31'];
const GOAL = 'goal';

interface MarkedRow {
  readonly goal_id: string;
  readonly subject: string;
}

/**
 * Marks the days whose periods are not true any more, in the transaction that writes the records: three statements, however many
 * records there are, and none for a person without goals.
 */
@Injectable()
export class GoalMarks implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly sequence: ChangeSequence,
    private readonly sources: DaySources,
    private readonly subscribers: Subscribers,
  ) {}

  /** Which kinds matter is known only when all areas are there. */
  onModuleInit(): void {
    for (const kind of this.sources.kinds)
      this.subscribers.add({
        name: `goal-marks.${kind}`,
        topic: topicOf(kind),
        type: RecordsChanged,
        isOrdered: false,
        isInTransaction: true,
        select: (event) => event,
        handle: (event) => this.mark(event as RecordsChanged),
      });
  }

  private mark(event: RecordsChanged): Promise<void> {
    // The lock is held already, and what it holds knows whether there are goals.
    return this.sequence.change(person(event.ownerId), async (order) => {
      if (order.knownCounts && !order.knownCounts[GOAL]?.live) return;
      const goals = await this.database.rows<MarkedRow>(
        `SELECT m.goal_id, g.subject FROM goal_marks m
         JOIN goals g ON g.user_id = m.user_id AND g.id = m.goal_id WHERE m.user_id = ?`,
        [event.ownerId],
        false,
      );
      await this.widen(event, goals, order);
    });
  }

  private async widen(
    { kind, ownerId, changes }: RecordsChanged,
    goals: readonly MarkedRow[],
    order: ChangeSet,
  ): Promise<void> {
    const parts = new Set(changes.flatMap((change) => change.parts));
    const moved = goals.filter(({ subject }) => this.sources.moves(subject, kind, parts));
    if (moved.length === 0) return;
    const [from, to] = spanOf(changes.map(({ days }) => days ?? ALL_DAYS));
    for (const ids of batchesOf(moved.map(({ goal_id: id }) => id)))
      await this.database.execute(
        `UPDATE goal_marks SET marks = marks + 1,
           stale_from = CASE WHEN stale_from < ? THEN stale_from ELSE ? END,
           stale_to = CASE WHEN stale_to > ? THEN stale_to ELSE ? END
         WHERE user_id = ? AND goal_id IN (${placeholders(ids.length)})`,
        [from, from, to, to, ownerId, ...ids],
      );
    await makeDue(this.database, ownerId, order.stamp);
  }
}

const spanOf = (spans: readonly DaySpan[]): DaySpan =>
  spans.reduce(([from, to], [first, last]) => [first < from ? first : from, last > to ? last : to]);

/** Keeps marks in step with goals. All periods of a new goal are to be computed; what is computed of an old one is given up. */
export async function followGoals(
  moves: readonly RecordMove<Goal>[],
  { database, ownerId }: OtherRecords,
): Promise<void> {
  const gone = moves.flatMap(({ before, after }) => (before && !after ? before.id : []));
  const changed = moves.flatMap(({ before, after }) => (before && after ? after.id : []));
  const made = moves.flatMap(({ before, after }) => (after && !before ? after : []));
  for (const ids of batchesOf(gone))
    for (const table of ['goal_marks', 'goal_periods'])
      await database.execute(
        `DELETE FROM ${table} WHERE user_id = ? AND goal_id IN (${placeholders(ids.length)})`,
        [ownerId, ...ids],
      );
  for (const ids of batchesOf(changed))
    await database.execute(
      `UPDATE goal_marks SET marks = marks + 1 WHERE user_id = ? AND goal_id IN (${placeholders(ids.length)})`,
      [ownerId, ...ids],
    );
  if (made.length > 0) {
    // A restored goal must not get a count that somebody has read before it was deleted, so the count goes on from its seq.
    const values = made.flatMap(({ id, seq }): SqlValue[] => [ownerId, id, ...ALL_DAYS, seq, '', null]);
    const rows = made.map(() => '(?, ?, ?, ?, ?, ?, ?)').join(', ');
    await database.execute(
      `INSERT INTO goal_marks (user_id, goal_id, stale_from, stale_to, marks, basis, kept_to) VALUES ${rows}`,
      values,
    );
  }
  const stamp = moves.find(({ after }) => after)?.after?.updatedAt;
  if (stamp) await makeDue(database, ownerId, stamp);
}

/** Lets the goals of a person be looked at soon. The caller holds the person's lock. */
async function makeDue(database: Database, userId: string, now: Date): Promise<void> {
  const due = instantText(now);
  const found = await database.execute(
    'UPDATE goal_jobs SET due_at = CASE WHEN due_at < ? THEN due_at ELSE ? END WHERE user_id = ?',
    [due, due, userId],
  );
  if (found === 0)
    await database.execute(
      'INSERT INTO goal_jobs (user_id, due_at, attempts, claimed_until) VALUES (?, ?, 0, NULL)',
      [userId, due],
    );
}
