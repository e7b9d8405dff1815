import { fault, type FieldError } from '../../../kernel/http/problem.js';
import { readingId } from '../health-metrics/reading-id.js';
import { MAX_INTERVAL_MS } from '../health-metrics/reading-rules.js';
import type { SleepFieldsDto, SleepStageDto } from './sleep.fields.js';

export const SLEEP = 'sleep';
/** Sessions of neighbouring days may overlap, and decide which of them counts. */
export const MARGIN_DAYS = 3;

/**
 * Checks the rules between the fields of a session.
 * @param session may lack the fields of a group that a change does not have; all fields that matter here are in one group.
 */
export function faultsOfSleep(session: Partial<SleepFieldsDto>, id: string | undefined): FieldError[] {
  if (session.source === undefined) return [];
  const { startedAt, endedAt } = session;
  return [
    ...(startedAt && endedAt
      ? [...faultsOfTimes(startedAt, endedAt, session), ...faultsOfStages(startedAt, endedAt, session)]
      : faultsOfDay(session)),
    ...faultsOfMinutes(session),
    ...faultsOfId(session, id),
  ];
}

function faultsOfTimes(startedAt: Date, endedAt: Date, { date }: Partial<SleepFieldsDto>): FieldError[] {
  if (date) return fault('date', 'not-allowed', 'date is only for a session without started_at and ended_at');
  const length = endedAt.getTime() - startedAt.getTime();
  return length > 0 && length <= MAX_INTERVAL_MS
    ? []
    : fault('ended_at', 'out-of-range', 'ended_at must be after started_at, by at most 26 hours');
}

function faultsOfDay({
  startedAt,
  endedAt,
  date,
  minutesAsleep,
  stages,
}: Partial<SleepFieldsDto>): FieldError[] {
  if (startedAt || endedAt)
    return fault(
      startedAt ? 'ended_at' : 'started_at',
      'required',
      'started_at and ended_at must be sent together',
    );
  if (!date)
    return fault(
      'started_at',
      'required',
      'started_at and ended_at are required, or date if only the day is known',
    );
  if (minutesAsleep == null)
    return fault('minutes_asleep', 'required', 'minutes_asleep is required if only the day is known');
  return stages ? fault('stages', 'not-allowed', 'stages need started_at and ended_at') : [];
}

function faultsOfStages(startedAt: Date, endedAt: Date, { stages }: Partial<SleepFieldsDto>): FieldError[] {
  const ends = { inBed: startedAt, other: startedAt };
  for (const [index, stage] of (stages ?? []).entries()) {
    const lane = stage.stage === 'in_bed' ? 'inBed' : 'other';
    const wrong = faultOfStage(stage, ends[lane], endedAt, `stages.${index}`);
    if (wrong) return wrong;
    ends[lane] = stage.endedAt;
  }
  return [];
}

function faultOfStage(stage: SleepStageDto, from: Date, to: Date, field: string): FieldError[] | undefined {
  const { startedAt, endedAt } = stage;
  if (startedAt < from)
    return fault(
      `${field}.started_at`,
      'out-of-range',
      `${field}.started_at must not be before ${from.toISOString()}, the start of the session or the end of an earlier stage`,
    );
  if (endedAt > startedAt && endedAt <= to) return undefined;
  return fault(
    `${field}.ended_at`,
    'out-of-range',
    `${field}.ended_at must be after its started_at, and not after the end of the session`,
  );
}

function faultsOfMinutes({
  startedAt,
  endedAt,
  minutesAsleep,
  minutesInBed,
}: Partial<SleepFieldsDto>): FieldError[] {
  if (minutesAsleep == null) return [];
  if (minutesInBed != null && minutesAsleep > minutesInBed)
    return fault('minutes_in_bed', 'out-of-range', 'minutes_in_bed must not be less than minutes_asleep');
  // A source rounds to whole minutes.
  const most =
    startedAt && endedAt ? Math.ceil((endedAt.getTime() - startedAt.getTime()) / 60_000) : Infinity;
  return minutesAsleep > most
    ? fault(
        'minutes_asleep',
        'out-of-range',
        `minutes_asleep must be at most ${most}, the length of the session`,
      )
    : [];
}

/** Without this rule, a session that is uploaded twice under two ids would be stored twice. */
function faultsOfId({ source, externalId }: Partial<SleepFieldsDto>, id: string | undefined): FieldError[] {
  if (!externalId || id === undefined || source === undefined) return [];
  const derived = readingId(SLEEP, source, externalId);
  return id === derived
    ? []
    : fault('external_id', 'invalid', `a session with this external_id must have the id ${derived}`);
}
