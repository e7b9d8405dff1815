import { fault, type FieldError } from '../../../kernel/http/problem.js';
import { DAY_MS } from '../../../kernel/quantities/local-time.js';
import { snakeCase } from '../../../platform/database/naming.js';
import type { Recurrence } from './dose-slots.js';
import type { PlannedDoseDto, ScheduleFieldsDto } from './schedules.fields.js';
import { versionId } from './slot-id.js';

/** What decides which doses are expected, and which of them are in time: it is written together. */
export const PLAN = [
  'medicationId',
  'versionOf',
  'recurrence',
  'startsOn',
  'endsOn',
  'zoneMode',
  'timeZone',
  'doses',
  'weekdays',
  'everyDays',
  'daysOn',
  'daysOff',
  'monthDay',
  'countsFrom',
  'intervalHours',
  'intervalStart',
  'amount',
  'steps',
  'windowBeforeMin',
  'windowAfterMin',
] as const satisfies readonly (keyof ScheduleFieldsDto)[];

type PlanField = (typeof PLAN)[number];

/** The fields that each recurrence needs. Those that only others need are not allowed. */
const NEEDED: Readonly<Record<Recurrence, readonly PlanField[]>> = {
  daily: ['doses'],
  weekdays: ['doses', 'weekdays'],
  every_n_days: ['doses', 'everyDays'],
  cyclic: ['doses', 'daysOn', 'daysOff'],
  monthly: ['doses', 'monthDay'],
  interval_hours: ['intervalHours', 'intervalStart', 'amount'],
  as_needed: [],
  taper: ['steps'],
  paused: [],
};
const OF_SOME = [...new Set(Object.values(NEEDED).flat())];
const COUNTING = new Set<string>(['every_n_days', 'cyclic', 'taper']);
/** A count of days from further back would be a mistake. */
const MOST_COUNTED_DAYS = 3_653;
/** Thirty steps with four doses a day. */
const MAX_STEP_DOSES = 120;

/**
 * Checks the rules between the fields of a version.
 * @param schedule may lack the plan: a change of the note alone has none.
 */
export function faultsOfSchedule(schedule: Partial<ScheduleFieldsDto>, id: string | undefined): FieldError[] {
  const { recurrence, startsOn } = schedule;
  if (recurrence === undefined || startsOn === undefined) return [];
  return [
    ...OF_SOME.flatMap((field) => faultsOfField(recurrence, field, schedule[field])),
    ...faultsOfDoses(schedule.doses, 'doses'),
    ...(schedule.steps ?? []).flatMap(({ doses }, index) => faultsOfDoses(doses, `steps.${index}.doses`)),
    ...faultsOfSteps(schedule),
    ...faultsOfDays(schedule, startsOn),
    ...faultsOfInterval(schedule),
    ...faultsOfVersion(schedule, startsOn, id),
  ];
}

function faultsOfField(recurrence: Recurrence, field: PlanField, value: unknown): FieldError[] {
  const name = snakeCase(field);
  const isNeeded = NEEDED[recurrence].includes(field);
  if (isNeeded === (value != null)) return [];
  return isNeeded
    ? fault(name, 'required', `${name} is required for ${recurrence}`)
    : fault(name, 'not-allowed', `${name} is not for ${recurrence}`);
}

/** The time names the dose, so two doses at one time would be one. */
function faultsOfDoses(doses: readonly PlannedDoseDto[] | null | undefined, field: string): FieldError[] {
  const times = (doses ?? []).map(({ localTime }) => localTime);
  const again = times.findIndex((time, index) => times.indexOf(time) < index);
  return again < 0
    ? []
    : fault(`${field}.${again}.local_time`, 'not-allowed', 'local_time must differ from that of other doses');
}

/** The doses of a period are computed from all versions, so each of them is small. */
function faultsOfSteps({ steps }: Partial<ScheduleFieldsDto>): FieldError[] {
  const count = (steps ?? []).reduce((sum, { doses }) => sum + doses.length, 0);
  return count <= MAX_STEP_DOSES
    ? []
    : fault('steps', 'out-of-range', `steps must have at most ${MAX_STEP_DOSES} doses together`);
}

function faultsOfDays(
  { recurrence, endsOn, countsFrom }: Partial<ScheduleFieldsDto>,
  startsOn: string,
): FieldError[] {
  if (endsOn && endsOn < startsOn)
    return fault('ends_on', 'out-of-range', 'ends_on must not be before starts_on');
  if (!countsFrom) return [];
  if (!COUNTING.has(recurrence ?? ''))
    return fault('counts_from', 'not-allowed', `counts_from is not for ${recurrence}`);
  const days = (Date.parse(startsOn) - Date.parse(countsFrom)) / DAY_MS;
  return days >= 0 && days <= MOST_COUNTED_DAYS
    ? []
    : fault(
        'counts_from',
        'out-of-range',
        'counts_from must be at most ten years before starts_on, and not after it',
      );
}

/** The names of doses have whole seconds. */
const faultsOfInterval = ({ intervalStart }: Partial<ScheduleFieldsDto>): FieldError[] =>
  intervalStart && intervalStart.getUTCMilliseconds() !== 0
    ? fault('interval_start', 'invalid', 'interval_start must be at a whole second')
    : [];

/** Without this rule two phones that change a schedule for the same day would leave two versions of that day. */
function faultsOfVersion(
  { versionOf }: Partial<ScheduleFieldsDto>,
  startsOn: string,
  id: string | undefined,
): FieldError[] {
  if (!versionOf || id === undefined) return [];
  const derived = versionId(versionOf, startsOn);
  return id === derived
    ? []
    : fault(
        'version_of',
        'invalid',
        `a version of this schedule that begins on this day must have the id ${derived}`,
      );
}
