import { instantText, placeholders } from '../../../platform/database/database.js';
import type { Listing, Place } from '../../../kernel/http/paging.js';
import { invalidField } from '../../../kernel/http/problem.js';
import type { Entered } from '../../../records/define/define-record.js';
import type { Owner } from '../../../records/define/owner.js';
import type { Listed } from '../../../records/define/synced-record.js';
import type { Condition } from '../../../records/read/conditions.js';
import { type Author, type Period, RecordRepository } from '../../../records/write/record-repository.js';
import type { Records } from '../../../records/write/records.js';
import { type LocalDays, onDays } from './local-days.js';
import type { WeightEntry } from './weight-entry.entity.js';
import { weightRecord } from './weight.record.js';

const MEASURED = '`timestamp`';

/** The weights of one person. */
export class WeightRepository extends RecordRepository<WeightEntry> {
  constructor(records: Records, owner: Owner) {
    super(records, weightRecord, owner);
  }

  /** One page, the most recently measured first. */
  list(period: Period, place: Place): Promise<Listing<Listed<WeightEntry>>> {
    return this.pageBy('timestamp', period, place);
  }

  /** The newest one. */
  async latest(): Promise<WeightEntry | undefined> {
    const [newest] = await this.select('deleted_at IS NULL ORDER BY timestamp DESC, id DESC LIMIT 1', []);
    return newest;
  }

  /** One page of the weights of some local days, both included, the most recently measured first. */
  listDays(days: LocalDays, place: Place): Promise<Listing<Listed<WeightEntry>>> {
    return this.page(onDays(MEASURED, days), 'timestamp', place);
  }

  countOn(days: LocalDays): Promise<number> {
    return this.countLive(onDays(MEASURED, days), 'timestamp');
  }

  /** The newest weights of some local days for which a further condition is true. */
  newestOn(days: LocalDays, [more, values]: Condition, count: number): Promise<WeightEntry[]> {
    const [where, own] = onDays(MEASURED, days);
    return this.select(`deleted_at IS NULL${where}${more} ORDER BY ${MEASURED} DESC, id DESC LIMIT ?`, [
      ...own,
      ...values,
      count,
    ]);
  }

  /** A statement for the sort values of the newest weights: `at`, `id`, and `origin`. */
  keysOn(origin: string, days: LocalDays, count: number): Condition {
    const [where, own] = onDays(MEASURED, days);
    return [
      `SELECT ${MEASURED} AS at, id, '${origin}' AS origin FROM weight_entries WHERE user_id = ? AND deleted_at IS NULL${where} ORDER BY ${MEASURED} DESC, id DESC LIMIT ?`,
      [this.owner.id, ...own, count],
    ];
  }

  /** @throws Problem `not-found`, `version-conflict`, `validation` if a value is sent without its unit */
  override async update(
    author: Author,
    id: string,
    entered: Entered,
    baseVersion: number | undefined,
  ): Promise<WeightEntry> {
    const { weightValue, unit } = entered;
    if ((weightValue === undefined) !== (unit === undefined))
      throw invalidField(
        unit === undefined ? 'unit' : 'weight_value',
        'required',
        'weight_value and unit must be sent together',
      );
    return super.update(author, id, entered, baseVersion);
  }

  /** Entries measured at one of these instants, tombstones included. */
  findMeasuredAt(instants: readonly Date[]): Promise<WeightEntry[]> {
    return instants.length === 0
      ? Promise.resolve([])
      : this.select(`timestamp IN (${placeholders(instants.length)})`, instants.map(instantText));
  }

  /** Entries that changed after the stamp, in the order of change. */
  changedAfter(stamp: Date, limit: number): Promise<WeightEntry[]> {
    return this.select('updated_at > ? ORDER BY updated_at, seq LIMIT ?', [instantText(stamp), limit]);
  }

  /** The other entries of the same transaction, after `seq`; a transaction has at most a hundred. */
  restOfStamp(stamp: Date, seq: number): Promise<WeightEntry[]> {
    return this.select('updated_at = ? AND seq > ? ORDER BY seq', [instantText(stamp), seq]);
  }

  async hasStamp(stamp: Date): Promise<boolean> {
    const rows = await this.database.rows(
      'SELECT 1 FROM weight_entries WHERE user_id = ? AND updated_at = ? LIMIT 1',
      [this.owner.id, instantText(stamp)],
    );
    return rows.length > 0;
  }
}
