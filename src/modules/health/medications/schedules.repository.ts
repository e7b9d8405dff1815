import type { Listing, Place } from '../../../kernel/http/paging.js';
import { invalidField } from '../../../kernel/http/problem.js';
import { localDay } from '../../../kernel/quantities/local-day.js';
import { addDays } from '../../../kernel/quantities/local-time.js';
import { batchesOf } from '../../../platform/database/batches.js';
import { placeholders, readInstant } from '../../../platform/database/database.js';
import type { SqlRow } from '../../../platform/database/statements.js';
import { grouped } from '../../../platform/grouped.js';
import type { Owner } from '../../../records/define/owner.js';
import type { Listed } from '../../../records/define/synced-record.js';
import { type Condition, conditions } from '../../../records/read/conditions.js';
import { type Author, RecordRepository } from '../../../records/write/record-repository.js';
import type { Records } from '../../../records/write/records.js';
import type { MedicationSchedule } from './medication-schedule.entity.js';
import type { CreateScheduleDto } from './schedules.dto.js';
import type { PlanSpan } from './schedule-spans.js';
import { fittingPlans, scheduleIdOf } from './schedule-versions.js';
import { scheduleRecord } from './schedules.record.js';
import { versionId } from './slot-id.js';

/** The schedules of one person. */
export class SchedulesRepository extends RecordRepository<MedicationSchedule> {
  constructor(records: Records, owner: Owner) {
    super(records, scheduleRecord, owner);
  }

  /**
   * Creates a schedule, or a version of one. A version that is made now does not begin before today; one that a phone made
   * offline may, and counts from when it was made. A deleted version of the same day is stored anew.
   * @throws Problem `validation`, `id-taken`, `quota-exceeded`
   */
  add(author: Author, { id, ...input }: CreateScheduleDto, now: Date): Promise<MedicationSchedule> {
    const { versionOf, startsOn, timeZone } = input;
    if (versionOf && startsOn < localDay(now, timeZone))
      throw invalidField('starts_on', 'out-of-range', 'starts_on of a change must not be before today');
    const derived = versionOf ? versionId(versionOf, startsOn) : undefined;
    return this.create(author, id ?? derived, { ...input }, derived !== undefined);
  }

  /** One page, the newest first. */
  list(medicationId: string | undefined, place: Place): Promise<Listing<Listed<MedicationSchedule>>> {
    return this.page(conditions(['medication_id = ?', medicationId]), 'createdAt', place);
  }

  /**
   * The live versions that decide which doses are expected on some days. Of schedules that were changed often, most have passed: their
   * plans are not read.
   */
  async counting([from, to]: Days, medicationId?: string): Promise<MedicationSchedule[]> {
    const fitting = fittingPlans(await this.begins(['', []]));
    const wanted = fitting.filter((one) => one.medicationId === (medicationId ?? one.medicationId));
    return this.plansOf(wanted, from, to);
  }

  /** Those of one schedule. */
  async countingOf(id: string, [from, to]: Days): Promise<MedicationSchedule[]> {
    const first = await this.begins(conditions(['id = ?', id]));
    const changes = await this.begins(conditions(['version_of = ?', id]));
    return this.plansOf(fittingPlans([...first, ...changes]), from, to);
  }

  /** From when until when the live versions of some medications count, without their plans. */
  async spansOf(medicationIds: readonly string[]): Promise<PlanSpan[]> {
    const found: SqlRow[] = [];
    for (const ids of batchesOf(medicationIds)) {
      const where = ` AND medication_id IN (${placeholders(ids.length)})`;
      found.push(...(await this.compute(SPAN, [where, ids])));
    }
    return found.map(planSpanOf);
  }

  private async begins(condition: Condition): Promise<Begin[]> {
    const rows = await this.compute('id, version_of, medication_id, starts_on, counts_at', condition);
    return rows.map(beginOf);
  }

  private async plansOf(all: readonly Begin[], from: string, to: string): Promise<MedicationSchedule[]> {
    // A version for an interval begins on the day of its own zone, which may be one later than where the person is.
    const begins = all.filter(({ startsOn }) => startsOn <= addDays(to, 1));
    const found: MedicationSchedule[] = [];
    for (const ids of batchesOf(countingOn(begins, from)))
      found.push(...(await this.select(`deleted_at IS NULL AND id IN (${placeholders(ids.length)})`, ids)));
    return found;
  }
}

type Days = readonly [from: string, to: string];

const SPAN = 'id, version_of, medication_id, recurrence, starts_on, ends_on, counts_at, time_zone';

const planSpanOf = (row: SqlRow): PlanSpan => ({
  id: String(row['id']),
  medicationId: String(row['medication_id']),
  versionOf: row['version_of'] === null ? null : String(row['version_of']),
  recurrence: String(row['recurrence']),
  startsOn: String(row['starts_on']),
  endsOn: row['ends_on'] === null ? null : String(row['ends_on']),
  countsLater: row['counts_at'] !== null,
  timeZone: String(row['time_zone']),
});

/** When a version begins to count. */
interface Begin {
  readonly id: string;
  readonly versionOf: string | null;
  readonly medicationId: string;
  readonly startsOn: string;
  readonly countsOn: string;
}

const beginOf = (row: SqlRow): Begin => {
  const [id, startsOn] = [String(row['id']), String(row['starts_on'])];
  // The local day is at most one later than that in UTC.
  const made = row['counts_at'] === null ? '' : addDays(dayOf(readInstant(row['counts_at'])), 1);
  const countsOn = made < startsOn ? startsOn : made;
  const versionOf = row['version_of'] === null ? null : String(row['version_of']);
  return { id, versionOf, medicationId: String(row['medication_id']), startsOn, countsOn };
};

const dayOf = (instant: Date): string => instant.toISOString().slice(0, 10);

/** The ids of the versions after which no change of the same schedule begins before a day. */
function countingOn(begins: readonly Begin[], from: string): string[] {
  return [...grouped(begins, scheduleIdOf).values()].flatMap((versions) => {
    const passed = versions.filter(({ versionOf, countsOn }) => versionOf !== null && countsOn < from);
    const last = passed.reduce((day, { startsOn }) => (startsOn > day ? startsOn : day), '');
    const counts = ({ versionOf, startsOn }: Begin) =>
      last === '' || (versionOf !== null && startsOn >= last);
    return versions.filter(counts).map(({ id }) => id);
  });
}
