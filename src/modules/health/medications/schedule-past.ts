import { canonical } from '../../../kernel/canonical.js';
import { fault, type FieldError } from '../../../kernel/http/problem.js';
import { localDay } from '../../../kernel/quantities/local-day.js';
import { type DosePlan, slotsOf } from './dose-slots.js';
import type { MedicationSchedule } from './medication-schedule.entity.js';
import { PLAN } from './schedule-rules.js';
import type { ScheduleFieldsDto } from './schedules.fields.js';
import { zoneClocks } from './zone-clocks.js';

/*
 * Past doses do not change: what was expected stays expected, whatever is changed later.
 */

/** More than a version expects on a day. */
const MOST_OF_DAY = 100;

/**
 * Sets from when a new change of a schedule counts: not before it was made. On the first day, and on days that had passed, earlier doses
 * are those of the version before.
 * @param before the live versions that they replace, by id
 */
export async function setBegin(
  versions: readonly MedicationSchedule[],
  _: unknown,
  before: ReadonlyMap<string, MedicationSchedule>,
): Promise<void> {
  for (const version of versions) {
    if (version.deletedAt !== null || before.has(version.id)) continue;
    const { versionOf, startsOn, timeZone, modifiedAt } = version;
    version.countsAt = versionOf !== null && startsOn <= localDay(modifiedAt, timeZone) ? modifiedAt : null;
  }
}

/**
 * Checks that a version which has begun keeps its plan. On its first day the plan can be changed as long as no dose that is over changes.
 * @param entered the plan as a whole, or no field of it
 */
export function faultsOfPast(
  entered: Partial<ScheduleFieldsDto>,
  current: MedicationSchedule | undefined,
  now: Date,
): FieldError[] {
  if (!current || current.deletedAt !== null || entered.recurrence === undefined) return [];
  const today = localDay(now, current.timeZone);
  if (current.startsOn > today || planOf(entered) === planOf(current)) return [];
  const isSame = current.startsOn === today && over(entered, current, now) === over(current, current, now);
  if (isSame) return [];
  return fault(
    'starts_on',
    'not-allowed',
    'the version has begun, and past doses do not change: create a version with version_of and starts_on',
  );
}

/** The doses of the first day that are over, as one text. */
function over(plan: Partial<ScheduleFieldsDto>, current: MedicationSchedule, now: Date): string {
  const { id, startsOn, countsAt, timeZone } = current;
  const whole = { ...plan, id, countsAt } as DosePlan;
  const slots = slotsOf([whole], [startsOn, startsOn], timeZone, zoneClocks(), MOST_OF_DAY);
  return canonical(
    slots.filter(({ at }) => at <= now.getTime()).map(({ slot, amount, at }) => [slot, amount, at]),
  );
}

const planOf = (schedule: Partial<ScheduleFieldsDto>): string =>
  canonical(PLAN.map((field) => schedule[field] ?? null));
