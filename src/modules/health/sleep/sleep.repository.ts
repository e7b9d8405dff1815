import { checkDayRange } from '../../../kernel/http/day-range.js';
import type { Listing, Place } from '../../../kernel/http/paging.js';
import { invalidField } from '../../../kernel/http/problem.js';
import { instantText, readInstant } from '../../../platform/database/database.js';
import type { SqlRow } from '../../../platform/database/statements.js';
import type { Owner } from '../../../records/define/owner.js';
import type { Listed } from '../../../records/define/synced-record.js';
import { type Condition, conditions } from '../../../records/read/conditions.js';
import { type Author, RecordRepository } from '../../../records/write/record-repository.js';
import type { Records } from '../../../records/write/records.js';
import { uploadOf } from '../health-metrics/external-id.js';
import { MANUAL } from '../health-metrics/weight-readings.js';
import { addDays, DAY_MS } from '../../../kernel/quantities/local-time.js';
import { SourceOrdersRepository } from '../sources/source-orders.repository.js';
import { storedRecord, storeUploads } from '../uploads.js';
import { MARGIN_DAYS, SLEEP } from './sleep-rules.js';
import { type Night, nightsOf, type Session } from './sleep-totals.js';
import { type CreateSleepDto, MAX_SESSIONS, type SleepQuery } from './sleep.dto.js';
import type { SleepSession } from './sleep.entity.js';
import { sleepRecord } from './sleep.record.js';

const MAX_DAYS = 366;

/** The nights and naps of one person. */
export class SleepRepository extends RecordRepository<SleepSession> {
  constructor(
    private readonly all: Records,
    owner: Owner,
  ) {
    super(all, sleepRecord, owner);
  }

  /**
   * Creates a session. The time zone is that of a session that names none. One with an id of its source is stored once: the same again changes nothing, other values correct it.
   * @throws Problem `validation`, `id-taken`, `quota-exceeded`
   */
  async add(author: Author, input: CreateSleepDto, timeZone: string): Promise<SleepSession> {
    const { source = MANUAL, isNap = false } = input;
    const upload = uploadOf(SLEEP, { timeZone, ...input, source, isNap });
    const [result] = await storeUploads<SleepSession>(this.all, this.owner, sleepRecord, author, [upload]);
    return storedRecord(result);
  }

  /** One page, the session that ended last first. */
  list(query: SleepQuery, place: Place): Promise<Listing<Listed<SleepSession>>> {
    return this.page(daysOfSleep(query), 'sortedAt', place);
  }

  /**
   * The sleep of each local day; no hour counts twice.
   * @throws Problem `validation` if the days are in the wrong order, or too many
   */
  async nights(from: string, to: string): Promise<Night[]> {
    checkDayRange({ from, to }, MAX_DAYS);
    const rows = await this.compute(
      COLUMNS,
      conditions(
        ['local_date >= ?', addDays(from, -MARGIN_DAYS)],
        ['local_date <= ?', addDays(to, MARGIN_DAYS)],
      ),
      `ORDER BY local_date, id LIMIT ${MAX_SESSIONS + 1}`,
    );
    if (rows.length > MAX_SESSIONS)
      throw invalidField(
        'to',
        'out-of-range',
        `the period has more than ${MAX_SESSIONS} sessions: ask for fewer days`,
      );
    const order = await new SourceOrdersRepository(this.all, this.owner).sources();
    return nightsOf(rows.map(sessionOf), order).filter(
      ({ localDate }) => localDate >= from && localDate <= to,
    );
  }
}

/** The condition of a list. The instants are bounded, so that the index finds them; the days decide. */
export const daysOfSleep = ({ source, from, to }: Pick<SleepQuery, 'source' | 'from' | 'to'>): Condition =>
  conditions(
    ['source = ?', source],
    ['sorted_at >= ?', from && instantText(new Date(Date.parse(from) - DAY_MS))],
    ['sorted_at < ?', to && instantText(new Date(Date.parse(to) + 2 * DAY_MS))],
    ['local_date >= ?', from],
    ['local_date <= ?', to],
  );

const TOTALS = 'asleep_seconds, in_bed_seconds, awake_seconds, light_seconds, deep_seconds, rem_seconds';
const COLUMNS = `id, source, is_nap, local_date, started_at, ended_at, ${TOTALS}`;

const numberOf = (value: unknown): number | null => (value === null ? null : Number(value));
const instantOf = (value: unknown): Date | null => (value === null ? null : readInstant(value));

const sessionOf = (row: SqlRow): Session => ({
  id: String(row['id']),
  source: String(row['source']),
  isNap: Number(row['is_nap']) === 1,
  localDate: String(row['local_date']),
  startedAt: instantOf(row['started_at']),
  endedAt: instantOf(row['ended_at']),
  asleepSeconds: numberOf(row['asleep_seconds']),
  inBedSeconds: numberOf(row['in_bed_seconds']),
  awakeSeconds: numberOf(row['awake_seconds']),
  lightSeconds: numberOf(row['light_seconds']),
  deepSeconds: numberOf(row['deep_seconds']),
  remSeconds: numberOf(row['rem_seconds']),
});
