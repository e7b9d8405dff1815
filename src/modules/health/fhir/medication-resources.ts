import { DAY_MS, FARTHEST_ZONE_MS } from '../../../kernel/quantities/local-time.js';
import { localDay } from '../../../kernel/quantities/local-day.js';
import type { Position } from '../../../kernel/http/keyset.js';
import { instantText } from '../../../platform/database/database.js';
import { grouped } from '../../../platform/grouped.js';
import { person } from '../../../records/define/person/person.owner.js';
import { conditions } from '../../../records/read/conditions.js';
import type { Records } from '../../../records/write/records.js';
import type { LocalDays } from '../health-metrics/local-days.js';
import { intakeRecord } from '../medications/intakes.record.js';
import type { MedicationIntake } from '../medications/medication-intake.entity.js';
import type { Medication } from '../medications/medication.entity.js';
import { medicationRecord } from '../medications/medications.record.js';
import { SchedulesRepository } from '../medications/schedules.repository.js';
import { medicationAdministration } from './medication-administration.js';
import { medicationStatement } from './medication-statement.js';
import type { Surroundings } from './observation.js';
import { observed, type ReadObserved } from './observation-pages.js';
import { ObservedRows } from './observed-rows.js';

/** The medications of one person and their doses, as tables of a list. */
export class MedicationResources {
  constructor(
    private readonly records: Records,
    private readonly surroundings: Surroundings,
    private readonly now: Date,
  ) {}

  /** Medications, whatever the days: somebody who reads a period also wants to know what was being taken then. */
  statements(): ReadObserved {
    const owner = person(this.surroundings.userId);
    const rows = new ObservedRows<Medication>(this.records, medicationRecord, owner, 'created_at', 3);
    const schedules = new SchedulesRepository(this.records, owner);
    return async (after, count) => {
      const found = await rows.after(after, ['', []], count);
      const ids = found.map(({ id }) => id);
      const plans = grouped(await schedules.spansOf(ids), ({ medicationId }) => medicationId);
      return observed(
        found,
        rows.rank,
        ({ createdAt }) => createdAt,
        (medication) =>
          medicationStatement(medication, plans.get(medication.id) ?? [], this.surroundings, this.now),
      );
    };
  }

  /** Doses that were taken or skipped. One that was put off is neither. */
  administrations(days: LocalDays): ReadObserved {
    const owner = person(this.surroundings.userId);
    const rows = new ObservedRows<MedicationIntake>(this.records, intakeRecord, owner, 'sorted_at', 2);
    return async (after, count) =>
      observed(
        await intakesOf(rows, days, after, count),
        rows.rank,
        ({ sortedAt }) => sortedAt,
        (intake) => medicationAdministration(intake, this.surroundings),
      );
  }
}

/**
 * Doses by the local day on which they were taken, or due. The stored day is that of the schedule, from which a late dose is far: so
 * the instants are bounded, and of the first and the last day some are left out here.
 */
async function intakesOf(
  rows: ObservedRows<MedicationIntake>,
  { from, to }: LocalDays,
  after: Position | undefined,
  count: number,
): Promise<MedicationIntake[]> {
  const period = conditions(
    ['sorted_at >= ?', from && instantText(new Date(Date.parse(from) - FARTHEST_ZONE_MS))],
    ['sorted_at < ?', to && instantText(new Date(Date.parse(to) + DAY_MS + FARTHEST_ZONE_MS))],
    ['status <> ?', 'snoozed'],
  );
  const all: MedicationIntake[] = [];
  for (let position = after; ;) {
    const found = await rows.after(position, period, count);
    for (const intake of found) {
      const day = localDay(intake.sortedAt, intake.timeZone);
      if ((from ?? day) <= day && day <= (to ?? day)) all.push(intake);
    }
    const last = found.at(-1);
    if (!last || found.length < count || all.length >= count) return all.slice(0, count);
    position = [instantText(last.sortedAt), rows.rank, last.id];
  }
}
