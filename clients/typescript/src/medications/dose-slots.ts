// Copied by `npm run generate` from src/modules/health/medications/dose-slots.ts: change it there.
/*
 * The doses that schedules expect. A dose is known by its schedule and by the time that the schedule names, so a phone without a
 * connection, a watch and the service find the same doses. Nothing here is stored.
 */

import { compareText, scheduleIdOf, versionsOf } from './schedule-versions.js';

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
  /** From when it counts, if it was made after the beginning of its first day; until then the version before counts. */
  readonly countsAt?: Date | null | undefined;
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
    for (const part of partsOf(versions, [from, to], timeZone, clocks)) yield* slotsOfPart(part, clocks);
}

/** The order in which doses are due. */
export const inOrder = (a: DoseSlot, b: DoseSlot): number => a.at - b.at || compareText(nameOf(a), nameOf(b));
const nameOf = ({ scheduleId, slot }: DoseSlot): string => `${scheduleId}/${slot}`;
const zoneOf = ({ zoneMode, timeZone }: DosePlan, here: string): string =>
  zoneMode === 'fixed' ? timeZone : here;

/** When a version begins to count: at the beginning of a day, or at an instant of it. */
interface Begin<Plan extends DosePlan> {
  readonly plan: Plan;
  readonly date: string;
  readonly at: number;
}

/** A version with its clock, and the one that ends it, on some days. */
interface Part<Plan extends DosePlan> extends Pick<DoseSlot<Plan>, 'plan' | 'timeZone'> {
  readonly days: readonly [string, string];
  readonly begin: Begin<Plan>;
  readonly end: Begin<Plan> | undefined;
}

function beginOf<Plan extends DosePlan>(plan: Plan, timeZone: string, clocks: Clocks): Begin<Plan> {
  const at = plan.countsAt?.getTime() ?? -Infinity;
  const date = plan.countsAt ? later(plan.startsOn, clocks.dayOf(at, timeZone)) : plan.startsOn;
  return { plan, date, at };
}

/** A version counts until a later one begins. */
function* partsOf<Plan extends DosePlan>(
  versions: readonly Plan[],
  days: readonly [string, string],
  here: string,
  clocks: Clocks,
): Generator<Part<Plan>> {
  let end: Begin<Plan> | undefined;
  for (const plan of versions.toReversed()) {
    const timeZone = zoneOf(plan, here);
    const begin = beginOf(plan, timeZone, clocks);
    yield { plan, timeZone, days, begin, end };
    if (!end || begin.date < end.date || (begin.date === end.date && begin.at < end.at)) end = begin;
  }
}

function* slotsOfPart<Plan extends DosePlan>(
  part: Part<Plan>,
  clocks: Clocks,
): Generator<DoseSlot<Plan> | undefined> {
  const { plan, timeZone, days, begin, end } = part;
  if (plan.recurrence === 'interval_hours') return yield* slotsOfInterval(part, clocks);
  const scheduleId = scheduleIdOf(plan);
  const first = later(days[0], begin.date);
  const until = end && end.at > -Infinity ? end.at : Infinity;
  const lastOfAll = end ? (until < Infinity ? end.date : addDays(end.date, -1)) : days[1];
  const last = earlier(earlier(days[1], plan.endsOn ?? days[1]), lastOfAll);
  for (const date of daysOf(first, last)) {
    for (const { localTime, amount } of dosesOn(plan, date)) {
      const at = clocks.instantOf(date, localTime, timeZone);
      if (at !== undefined && at >= begin.at && at < until)
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
  { plan, timeZone, days: [from, to], begin, end }: Part<Plan>,
  clocks: Clocks,
): Generator<DoseSlot<Plan>> {
  const scheduleId = scheduleIdOf(plan);
  const last = earlier(plan.endsOn ?? to, end?.date ?? to);
  for (const at of instantsOf(plan, later(from, addDays(begin.date, -1)), earlier(to, addDays(last, 1)))) {
    const [localDate, own] = [clocks.dayOf(at, timeZone), clocks.dayOf(at, plan.timeZone)];
    const isOver = end && at >= end.at && clocks.dayOf(at, end.plan.timeZone) >= end.plan.startsOn;
    if (localDate < from || localDate > to || own < plan.startsOn || at < begin.at || isOver) continue;
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
  let end = 0;
  return day < 0 ? [] : (steps.find(({ days }) => day < (end += days))?.doses ?? []);
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
