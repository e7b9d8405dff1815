import { fault, type FieldError } from '../../../kernel/http/problem.js';
import { snakeCase } from '../../../platform/database/naming.js';
import type { IntakeFieldsDto, IntakeStatus } from './intakes.fields.js';
import { slotId } from './slot-id.js';

type Intake = Partial<IntakeFieldsDto>;

const HOUR_MS = 3_600_000;
/** No clock is further from UTC, and a gap of the clock is at most one day. */
const MOST_FROM_UTC_MS = 40 * HOUR_MS;
const MOST_SNOOZED_MS = 48 * HOUR_MS;
/** Two people who tick one dose at times that differ more may have given it twice. */
const SAME_DOSE_MS = 10 * 60_000;

const OF_SLOT = ['scheduleId', 'slot', 'scheduledFor'] as const;
/** The fields that a status needs. The others are not allowed. */
const NEEDED: Readonly<Record<IntakeStatus, readonly (keyof Intake)[]>> = {
  taken: ['takenAt', 'amount'],
  skipped: [],
  snoozed: ['snoozedUntil'],
};
/** An intake whose own place is in another zone may have the day before or after that of its dose. */
export const MARGIN_DAYS = 2;
const OF_STATUS = ['takenAt', 'amount', 'snoozedUntil'] as const;

/**
 * Checks the rules between the fields of an intake.
 * @param intake may lack the dose: a change of the note alone has none.
 */
export function faultsOfIntake(intake: Intake, id: string | undefined): FieldError[] {
  const { status } = intake;
  if (status === undefined) return [];
  return [
    ...faultsOfSlot(intake, status, id),
    ...OF_STATUS.flatMap((field) => faultsOfField(status, field, intake[field])),
    ...faultsOfSnooze(intake),
  ];
}

function faultsOfField(
  status: IntakeStatus,
  field: (typeof OF_STATUS)[number],
  value: unknown,
): FieldError[] {
  const isNeeded = NEEDED[status].includes(field);
  if (isNeeded === (value != null)) return [];
  const name = snakeCase(field);
  return isNeeded
    ? fault(name, 'required', `${name} is required for ${status}`)
    : fault(name, 'not-allowed', `${name} is not for ${status}`);
}

function faultsOfSlot(intake: Intake, status: IntakeStatus, id: string | undefined): FieldError[] {
  const { scheduleId, slot, scheduledFor } = intake;
  const missing = OF_SLOT.find((field) => intake[field] == null);
  if (scheduleId == null && slot == null && scheduledFor == null)
    return status === 'taken' ? [] : fault('slot', 'required', `slot is required for ${status}`);
  if (missing || scheduleId == null || slot == null || scheduledFor == null)
    return fault(
      snakeCase(missing ?? 'slot'),
      'required',
      'schedule_id, slot and scheduled_for must be sent together',
    );
  return [...faultsOfTime(slot, scheduledFor), ...faultsOfId(scheduleId, slot, id)];
}

function faultsOfTime(slot: string, scheduledFor: Date): FieldError[] {
  const wall = Date.parse(slot.endsWith('Z') ? slot : `${slot}:00Z`);
  const isDay = !Number.isNaN(wall) && new Date(wall).toISOString().startsWith(slot.slice(0, 10));
  if (!isDay) return fault('slot', 'invalid', 'slot must begin with a day of the calendar');
  const apart = Math.abs(scheduledFor.getTime() - wall);
  return apart <= (slot.endsWith('Z') ? 0 : MOST_FROM_UTC_MS)
    ? []
    : fault('scheduled_for', 'out-of-range', 'scheduled_for must be the instant of slot');
}

/** Without this rule a dose that two people tick would be stored twice. */
function faultsOfId(scheduleId: string, slot: string, id: string | undefined): FieldError[] {
  const derived = slotId(scheduleId, slot);
  return id === undefined || id === derived
    ? []
    : fault('slot', 'invalid', `an intake of this dose must have the id ${derived}`);
}

function faultsOfSnooze({ snoozedUntil, scheduledFor }: Intake): FieldError[] {
  if (!snoozedUntil || !scheduledFor) return [];
  const later = snoozedUntil.getTime() - scheduledFor.getTime();
  return later > 0 && later <= MOST_SNOOZED_MS
    ? []
    : fault(
        'snoozed_until',
        'out-of-range',
        'snoozed_until must be after scheduled_for, by at most 48 hours',
      );
}

/**
 * Whether a person should look at two ticks of one dose that were made without knowledge of each other. Two that say the same within
 * some minutes are one dose; others may be two, or one of them is wrong.
 */
export function mayBeTwoDoses(kept: Intake, lost: Intake): boolean {
  if (kept.status !== lost.status || kept.amount !== lost.amount) return true;
  if (kept.note !== lost.note || kept.site !== lost.site || kept.reason !== lost.reason) return true;
  return Math.abs((kept.takenAt?.getTime() ?? 0) - (lost.takenAt?.getTime() ?? 0)) > SAME_DOSE_MS;
}

/**
 * Two people gave one scheduled dose: the second one was none of the schedule. Only a dose that was taken can be there twice.
 * @param lost the values of the second tick
 */
export function secondDose(values: IntakeFieldsDto, lost: Intake): IntakeFieldsDto | undefined {
  if (lost.status !== 'taken') return undefined;
  return { ...values, scheduleId: null, slot: null, scheduledFor: null };
}
