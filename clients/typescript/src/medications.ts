import { checkDays } from './days.js';
import { medication, medicationIntake, medicationSchedule } from './definitions.generated.js';
import type { Kinds, MedicationIntakeFields } from './kinds.generated.js';
import { localTime } from './local-time.js';
import { type DoseIntake as Ticked, outcomesBy, type TimedPlan } from './medications/dose-results.js';
import { eachSlot } from './medications/dose-slots.js';
import { dayOfIntake } from './medications/intake-day.js';
import { clocksBy } from './medications/local-clocks.js';
import { fittingPlans } from './medications/schedule-versions.js';
import { inDueOrder, shownDose } from './medications/shown-dose.js';
import { unwire, wire } from './names.js';
import { HaleError } from './problem.js';
import type { Item } from './records.js';
import type { components } from './schema.js';

/*
 * The doses that schedules expect, without a connection: by the service's own files, with the names of the API.
 */

type Schemas = components['schemas'];
type ItemOf<K extends keyof Kinds> = Pick<
  Item<Kinds[K]['fields'], Kinds[K]['data']>,
  'id' | 'fields' | 'version' | 'outdated'
>;

/** An intake that is not sent yet has no `version`, and no `alerts`. */
export type DoseIntake = Omit<Schemas['DoseIntake'], 'version'> & { version?: number };
export type Dose = Omit<Schemas['Dose'], 'intake'> & { intake: DoseIntake | null };
/** As `GET /api/medications/doses` answers it, for all days at once. */
export interface Doses {
  data: Dose[];
  others: DoseIntake[];
}
/** Local days, both included. */
export interface DosePeriod {
  readonly from: string;
  /** At most 91 days later. */
  readonly to: string;
  /** Where the person is: the clock of `floating` schedules. */
  readonly time_zone: string;
  /** Decides what is missed. Default: the time of the device. */
  readonly now?: Date;
}
/** What doses are computed from, such as `await hale.records('medication').list()`. All of a person's are required. */
export interface MedicationRecords {
  readonly medications: readonly ItemOf<'medication'>[];
  readonly schedules: readonly ItemOf<'medication_schedule'>[];
  readonly intakes: readonly ItemOf<'medication_intake'>[];
}
/** What became of a dose. */
export type Tick = (
  | {
      readonly status: 'taken';
      /** Default: that of the dose. */
      readonly amount?: number;
      /** Default: the time of the device. */
      readonly taken_at?: string;
    }
  | { readonly status: 'skipped' }
  | { readonly status: 'snoozed'; readonly snoozed_until: string }
) &
  Partial<Pick<MedicationIntakeFields, 'time_zone' | 'reason' | 'site' | 'note' | 'confirmed'>>;

export { slotId as doseId, versionId } from './medications/slot-id.js';

/** The kinds of records that doses are computed from, for `kinds` of `createClient`. */
export const medicationKinds = [medication, medicationIntake, medicationSchedule] as const;

const MAX_DAYS = 92;

/**
 * What the schedules expect on some local days, and what became of it. Edits that wait to be sent are in it. A change of a schedule
 * for a day that had begun counts from when it was made, which the service says: before it is synced, it counts for the whole day.
 * @throws HaleError `invalid` for wrong days, or a time zone that the device does not know
 */
export function dosesOf(records: MedicationRecords, period: DosePeriod): Doses {
  const { from, to, time_zone: timeZone, now = new Date() } = period;
  checkDays(from, to, MAX_DAYS);
  checkZone(timeZone);
  const byId = new Map(records.medications.map(({ id, fields }) => [id, fields]));
  const plans = fittingPlans(records.schedules.map(planOf)).filter((plan) => byId.has(plan.medicationId));
  const intakes = records.intakes.map(intakeOf);
  const outcomeOf = outcomesBy<TimedPlan, OwnIntake>(intakes, now.getTime());
  const slots = [...eachSlot({ plans, days: [from, to], timeZone, clocks: clocksBy(readClock) })];
  const doses = slots
    .flatMap((slot) => (slot ? outcomeOf(slot) : []))
    .toSorted(inDueOrder)
    .map((outcome) => shownDose(outcome, nameOf(byId.get(outcome.slot.plan.medicationId))));
  const ids = new Set(doses.map(({ id }) => id));
  return {
    data: doses.map((dose) => ({
      ...answer<Dose>(dose),
      intake: dose.intake && dose.intake.shown,
    })),
    others: intakes
      .filter(({ shown: { id, local_date: day } }) => !ids.has(id) && day >= from && day <= to)
      .map(({ shown }) => shown)
      .toSorted((a, b) => compare(a.local_date, b.local_date) || compare(a.id, b.id)),
  };
}

/**
 * The tick of a dose, as it is stored without a connection:
 * `const { id, fields } = doseTick(dose, { status: 'taken' }); await hale.records('medication_intake').put(id, fields)`.
 */
export function doseTick(
  dose: Omit<Dose, 'intake'>,
  tick: Tick = { status: 'taken' },
): { id: string; fields: MedicationIntakeFields } {
  const { id, medication_id, schedule_id, slot, scheduled_for, time_zone } = dose;
  const due = { medication_id, schedule_id, slot, scheduled_for, time_zone };
  const taken = tick.status === 'taken' ? { taken_at: new Date().toISOString(), amount: dose.amount } : {};
  const nothing = { taken_at: null, amount: null, snoozed_until: null };
  return { id, fields: { ...due, ...nothing, ...taken, ...tick } };
}

interface OwnIntake extends Ticked {
  readonly timeZone: string;
  readonly shown: DoseIntake;
}

/** The instants of the service's own files are dates. */
function planOf({ id, fields }: ItemOf<'medication_schedule'>): TimedPlan {
  const plan = unwire({ ...fields, id }) as TimedPlan;
  return {
    ...plan,
    countsAt: dateOf(fields.counts_at),
    intervalStart: dateOf(fields.interval_start),
  };
}

function intakeOf({ id, fields, version, outdated }: ItemOf<'medication_intake'>): OwnIntake {
  const { medication_id, schedule_id, slot, time_zone: timeZone, status, amount, confirmed } = fields;
  const [takenAt, scheduledFor] = [dateOf(fields.taken_at), dateOf(fields.scheduled_for)];
  const snoozedUntil = dateOf(fields.snoozed_until);
  const ticked = { scheduleId: schedule_id ?? null, slot: slot ?? null, timeZone, status };
  const day = outdated ? undefined : fields.local_date;
  const shown = {
    id,
    medication_id,
    status,
    local_date: day ?? dayOfIntake({ slot, takenAt, scheduledFor, timeZone }, dayOf),
    taken_at: takenAt?.toISOString() ?? null,
    amount: amount ?? null,
    snoozed_until: snoozedUntil?.toISOString() ?? null,
    alerts: fields.alerts ?? [],
    confirmed: confirmed ?? null,
    ...(version !== undefined && { version }),
  };
  return { ...ticked, takenAt, scheduledFor, snoozedUntil, shown };
}

const dateOf = (instant: string | null | undefined): Date | null =>
  instant == null ? null : new Date(instant);

const nameOf = (fields: Kinds['medication']['fields'] | undefined) =>
  fields && { name: fields.name, doseUnit: fields.dose_unit };

const readClock = (instant: number, timeZone: string) => {
  const { local_date: date, utc_offset_min: offsetMin } = localTime(
    new Date(instant).toISOString(),
    timeZone,
  );
  return { date, offsetMin };
};
const dayOf = (instant: Date, timeZone: string): string => readClock(instant.getTime(), timeZone).date;

/** As JSON has it, with the names of the API. */
const answer = <T>(own: object): T => wire(JSON.parse(JSON.stringify(own))) as T;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function checkZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new HaleError('invalid', 'time_zone must be an IANA time zone');
  }
}
