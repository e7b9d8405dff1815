/*
 * The doses that schedules expect. A dose is known by its schedule and by the time that the schedule names, so a phone without a
 * connection, a watch and the service find the same doses. Nothing here is stored, and nothing is imported.
 */

export const RECURRENCES = [
  'daily',
  'weekdays',
  'every_n_days',
  'cyclic',
  'monthly',
  'interval_hours',
  'as_needed',
  'taper',
  'paused',
] as const;
export type Recurrence = (typeof RECURRENCES)[number];

/** In the order of `Date.getUTCDay`. */
export const WEEKDAYS = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
] as const;

/** A dose of a day. */
export interface PlannedDose {
  /** `HH:MM` on the clock of the schedule. */
  readonly localTime: string;
  readonly amount: number;
}

/** A part of a taper: the same doses on so many days. */
export interface TaperStep {
  readonly days: number;
  readonly doses: readonly PlannedDose[];
}

/** One version of a schedule. What its recurrence does not use is null. */
export interface DosePlan {
  readonly id: string;
  readonly medicationId: string;
  /** The id of the first version; null for the first version itself. */
  readonly versionOf?: string | null | undefined;
  readonly recurrence: string;
  /** The first local day on which the version counts; it ends where the next version begins. */
  readonly startsOn: string;
  /** The last local day with doses. */
  readonly endsOn?: string | null | undefined;
  /** `fixed`: the clock of `timeZone`. `floating`: the clock where the person is. */
  readonly zoneMode: string;
  readonly timeZone: string;
  readonly doses?: readonly PlannedDose[] | null | undefined;
  readonly weekdays?: readonly string[] | null | undefined;
  readonly everyDays?: number | null | undefined;
  readonly daysOn?: number | null | undefined;
  readonly daysOff?: number | null | undefined;
  readonly monthDay?: number | null | undefined;
  /** The day from which days, cycles and steps are counted; `startsOn` if it is null. */
  readonly countsFrom?: string | null | undefined;
  readonly intervalHours?: number | null | undefined;
  readonly intervalStart?: Date | null | undefined;
  /** Of each dose of an interval. */
  readonly amount?: number | null | undefined;
  readonly steps?: readonly TaperStep[] | null | undefined;
}

/** The clocks of time zones. Instants are in milliseconds since 1970. */
export interface Clocks {
  /**
   * The instant at which a local time begins to be true: in a gap of the clock the first instant after it, in a repeated hour the
   * first time. Undefined if the zone left out the whole day.
   */
  readonly instantOf: (date: string, localTime: string, timeZone: string) => number | undefined;
  /** The local day of an instant. */
  readonly dayOf: (instant: number, timeZone: string) => string;
}

/** A dose that is expected. */
export interface DoseSlot<Plan extends DosePlan = DosePlan> {
  /** The id of the first version of the schedule. */
  readonly scheduleId: string;
  readonly plan: Plan;
  /** What names the dose among those of its schedule: `2026-01-05T08:00` on its clock, or an instant with `Z` for an interval. */
  readonly slot: string;
  readonly localDate: string;
  /** In milliseconds since 1970. */
  readonly at: number;
  readonly timeZone: string;
  readonly amount: number;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** No zone is further from UTC. */
const FARTHEST_MS = 16 * HOUR_MS;

export const scheduleIdOf = ({ id, versionOf }: Pick<DosePlan, 'id' | 'versionOf'>): string =>
  versionOf ?? id;

/** What doses are computed from. */
export interface PlannedDays<Plan extends DosePlan = DosePlan> {
  /** All versions of all schedules. */
  readonly plans: readonly Plan[];
  /** The first and the last local day. */
  readonly days: readonly [from: string, to: string];
  /** Where the person is: the clock of `floating` schedules. */
  readonly timeZone: string;
  readonly clocks: Clocks;
}

/**
 * The doses that schedules expect on some local days, in the order of their instants.
 * @param timeZone where the person is: the clock of `floating` schedules
 * @param most stops after one more than so many doses
 */
export function slotsOf<Plan extends DosePlan>(
  plans: readonly Plan[],
  days: readonly [string, string],
  timeZone: string,
  clocks: Clocks,
  most: number,
): DoseSlot<Plan>[] {
  const slots: DoseSlot<Plan>[] = [];
  for (const slot of eachSlot({ plans, days, timeZone, clocks })) {
    if (slot) slots.push(slot);
    if (slots.length > most) return slots;
  }
  return slots.toSorted(inOrder);
}

/** The same doses one by one, schedule by schedule. Undefined after each day, so that who has waited long can serve others first. */
export function* eachSlot<Plan extends DosePlan>({
  plans,
  days: [from, to],
  timeZone,
  clocks,
}: PlannedDays<Plan>): Generator<DoseSlot<Plan> | undefined> {
  for (const versions of versionsOf(plans))
    for (const [index, plan] of versions.entries())
      yield* slotsOfPart({ plan, next: versions[index + 1], from, to }, zoneOf(plan, timeZone), clocks);
}

/** The order in which doses are due. */
export const inOrder = (a: DoseSlot, b: DoseSlot): number => a.at - b.at || compareText(nameOf(a), nameOf(b));
const nameOf = ({ scheduleId, slot }: DoseSlot): string => `${scheduleId}/${slot}`;
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const zoneOf = ({ zoneMode, timeZone }: DosePlan, here: string): string =>
  zoneMode === 'fixed' ? timeZone : here;

/**
 * The versions that count. By sync a change may arrive before the first version that it names. Whatever comes first, a change of another
 * medication, or of a schedule that is itself a change, expects nothing: the doses of one schedule would be those of two.
 */
export function fittingPlans<Plan extends DosePlan>(plans: readonly Plan[]): Plan[] {
  const byId = new Map(plans.map((plan) => [plan.id, plan]));
  return plans.filter(({ versionOf, medicationId }) => {
    const first = versionOf == null ? undefined : byId.get(versionOf);
    return !first || (first.versionOf == null && first.medicationId === medicationId);
  });
}

/** The versions of each schedule. The changes come after the first version, also those that begin before it, the earliest first. */
function versionsOf<Plan extends DosePlan>(plans: readonly Plan[]): Plan[][] {
  const bySchedule = new Map<string, Plan[]>();
  for (const plan of fittingPlans(plans)) {
    const id = scheduleIdOf(plan);
    const own = bySchedule.get(id);
    if (own) own.push(plan);
    else bySchedule.set(id, [plan]);
  }
  const rank = ({ versionOf }: DosePlan): number => (versionOf == null ? 0 : 1);
  return [...bySchedule.values()].map((versions) =>
    versions.toSorted(
      (a, b) => rank(a) - rank(b) || compareText(a.startsOn, b.startsOn) || compareText(a.id, b.id),
    ),
  );
}

/** A version, and the one after it, on some days. */
interface Part<Plan extends DosePlan> {
  readonly plan: Plan;
  readonly next: Plan | undefined;
  readonly from: string;
  readonly to: string;
}

function* slotsOfPart<Plan extends DosePlan>(
  part: Part<Plan>,
  timeZone: string,
  clocks: Clocks,
): Generator<DoseSlot<Plan> | undefined> {
  const { plan, next, from, to } = part;
  if (plan.recurrence === 'interval_hours') return yield* slotsOfInterval(part, timeZone, clocks);
  const scheduleId = scheduleIdOf(plan);
  const first = later(from, plan.startsOn);
  // A version counts until the day before the next one begins.
  const last = earlier(earlier(to, plan.endsOn ?? to), next ? addDays(next.startsOn, -1) : to);
  for (const date of daysOf(first, last)) {
    for (const { localTime, amount } of dosesOn(plan, date)) {
      const at = clocks.instantOf(date, localTime, timeZone);
      if (at !== undefined)
        yield { scheduleId, plan, slot: `${date}T${localTime}`, localDate: date, at, timeZone, amount };
    }
    yield undefined;
  }
}

/**
 * Instants have no day of their own. A version begins and ends with the days of its own zone, so that somebody who travels on the day
 * of a change neither loses nor doubles a dose.
 */
function* slotsOfInterval<Plan extends DosePlan>(
  { plan, next, from, to }: Part<Plan>,
  timeZone: string,
  clocks: Clocks,
): Generator<DoseSlot<Plan>> {
  const scheduleId = scheduleIdOf(plan);
  const begin = plan.startsOn;
  const end = earlier(plan.endsOn ?? to, next?.startsOn ?? to);
  const first = later(from, addDays(begin, -1));
  const last = earlier(to, addDays(end, 1));
  for (const at of instantsOf(plan, first, last)) {
    const [localDate, own] = [clocks.dayOf(at, timeZone), clocks.dayOf(at, plan.timeZone)];
    const isOver = next !== undefined && clocks.dayOf(at, next.timeZone) >= next.startsOn;
    if (localDate < from || localDate > to || own < begin || isOver) continue;
    if (plan.endsOn != null && own > plan.endsOn) continue;
    yield { scheduleId, plan, slot: instantSlot(at), localDate, at, timeZone, amount: plan.amount ?? 1 };
  }
}

/** By number: the text of a day after the year 9999 sorts before all others, so a comparison of texts might not end. */
function* daysOf(first: string, last: string): Generator<string> {
  const end = first <= last ? Date.parse(last) : -Infinity;
  for (let at = Date.parse(first); at <= end; at += DAY_MS) yield dayAt(at);
}

/** Hours are counted in true time: a change of the clock neither shortens nor lengthens them. */
function* instantsOf(
  { intervalHours, intervalStart }: DosePlan,
  first: string,
  last: string,
): Generator<number> {
  if (intervalStart == null || intervalHours == null || intervalHours <= 0) return;
  const [start, step] = [intervalStart.getTime(), intervalHours * HOUR_MS];
  const end = Date.parse(last) + DAY_MS + FARTHEST_MS;
  const passed = Math.max(0, Math.ceil((Date.parse(first) - FARTHEST_MS - start) / step));
  for (let at = start + passed * step; at < end; at += step) yield at;
}

const instantSlot = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** The doses of a version on a local day. */
export function dosesOn(plan: DosePlan, date: string): readonly PlannedDose[] {
  const day = daysBetween(plan.countsFrom ?? plan.startsOn, date);
  const doses = plan.doses ?? [];
  switch (plan.recurrence) {
    case 'daily':
      return doses;
    case 'weekdays':
      return plan.weekdays?.includes(weekdayOf(date)) ? doses : [];
    case 'every_n_days':
      return remainder(day, plan.everyDays ?? 1) === 0 ? doses : [];
    case 'cyclic':
      return remainder(day, (plan.daysOn ?? 1) + (plan.daysOff ?? 0)) < (plan.daysOn ?? 1) ? doses : [];
    case 'monthly':
      return Number(date.slice(8)) === Math.min(plan.monthDay ?? 1, daysInMonth(date)) ? doses : [];
    case 'taper':
      return dosesOfTaper(plan.steps ?? [], day);
    default:
      return [];
  }
}

function dosesOfTaper(steps: readonly TaperStep[], day: number): readonly PlannedDose[] {
  if (day < 0) return [];
  let end = 0;
  for (const { days, doses } of steps) {
    end += days;
    if (day < end) return doses;
  }
  return [];
}

const weekdayOf = (date: string): string => WEEKDAYS[new Date(date).getUTCDay()] ?? '';
const daysInMonth = (date: string): number =>
  new Date(Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)), 0)).getUTCDate();
const daysBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / DAY_MS;
const remainder = (value: number, divisor: number): number => ((value % divisor) + divisor) % divisor;
const dayAt = (instant: number): string => new Date(instant).toISOString().slice(0, 10);
const addDays = (date: string, days: number): string => dayAt(Date.parse(date) + days * DAY_MS);
const later = (a: string, b: string): string => (a < b ? b : a);
const earlier = (a: string, b: string): string => (a < b ? a : b);
