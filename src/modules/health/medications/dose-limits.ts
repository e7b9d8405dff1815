/*
 * The limits of a medication: the amount within any 24 hours, and the time between two doses. All doses of the medication count,
 * scheduled or not. Nothing is imported.
 */

export const DOSE_ALERTS = ['over_daily_limit', 'too_soon'] as const;
export type DoseAlert = (typeof DOSE_ALERTS)[number];

export interface DoseLimits {
  readonly maxDailyAmount: number | null;
  readonly minIntervalMin: number | null;
}

export interface TakenDose {
  /** In milliseconds since 1970. */
  readonly at: number;
  readonly amount: number;
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** Sums of decimal amounts are not exact: three times 0.1 is more than 0.3. */
const TOLERANCE = 1e-6;
/** Others that a dose is compared with. Nobody takes more in the time that limits look at, and each costs time. */
export const MOST_DOSES = 400;

export const hasLimits = ({ maxDailyAmount, minIntervalMin }: DoseLimits): boolean =>
  maxDailyAmount !== null || minIntervalMin !== null;

/** How far from a dose others matter, in milliseconds. */
export const reachOf = ({ minIntervalMin }: DoseLimits): number =>
  Math.max(DAY_MS, (minIntervalMin ?? 0) * MINUTE_MS);

/** The limits that a medication has. A dose among more than {@link MOST_DOSES} others breaks all of them. */
export const allAlerts = ({ maxDailyAmount, minIntervalMin }: DoseLimits): DoseAlert[] =>
  DOSE_ALERTS.filter((alert) => (alert === 'too_soon' ? minIntervalMin : maxDailyAmount) !== null);

/**
 * The limits that a dose breaks together with others. Doses arrive in any order, so those after it count as those before it: of two
 * doses that break a limit together, the one that is stored later has the alert.
 */
export const alertsOf = (dose: TakenDose, others: readonly TakenDose[], limits: DoseLimits): DoseAlert[] =>
  others.length > MOST_DOSES ? allAlerts(limits) : alertsAmong(dose, sorted(others), limits);

const sorted = (doses: readonly TakenDose[]): TakenDose[] => doses.toSorted((a, b) => a.at - b.at);

/** @param others the earliest first */
const alertsAmong = (dose: TakenDose, others: readonly TakenDose[], limits: DoseLimits): DoseAlert[] =>
  DOSE_ALERTS.filter((alert) =>
    alert === 'too_soon' ? isTooSoon(dose, others, limits) : isOverLimit(dose, others, limits),
  );

function isTooSoon({ at }: TakenDose, others: readonly TakenDose[], { minIntervalMin }: DoseLimits): boolean {
  if (minIntervalMin === null) return false;
  return others.some((other) => Math.abs(other.at - at) < minIntervalMin * MINUTE_MS);
}

/** Whether some period of 24 hours with the dose in it has too much. */
function isOverLimit(dose: TakenDose, others: readonly TakenDose[], { maxDailyAmount }: DoseLimits): boolean {
  if (maxDailyAmount === null) return false;
  const near = others.filter(({ at }) => Math.abs(at - dose.at) < DAY_MS);
  return dose.amount + mostInDay(near) > maxDailyAmount + TOLERANCE;
}

/**
 * The most that doses amount to within 24 hours. The fullest such period ends with one of them: the sum follows its end.
 * @param doses the earliest first. With all of them less than 24 hours from an instant, the period has this instant in it.
 */
function mostInDay(doses: readonly TakenDose[]): number {
  let [sum, most, first] = [0, 0, 0];
  for (const { at: end, amount } of doses) {
    sum += amount;
    for (let left = doses[first]; left && left.at <= end - DAY_MS; left = doses[++first]) sum -= left.amount;
    most = Math.max(most, sum);
  }
  return most;
}

/**
 * The first instant, not before that of the dose, at which it breaks no limit, in milliseconds.
 * @param others all doses that are not further before it than {@link reachOf}
 * @returns undefined if the dose alone is more than the daily limit, or if there are more than {@link MOST_DOSES} others
 */
export function nextSafeAt(
  dose: TakenDose,
  others: readonly TakenDose[],
  limits: DoseLimits,
): number | undefined {
  if (others.length > MOST_DOSES) return undefined;
  const interval = (limits.minIntervalMin ?? 0) * MINUTE_MS;
  const moments = others.flatMap(({ at }) => [at + interval, at + DAY_MS]).filter((at) => at > dose.at);
  const inOrder = sorted(others);
  return [dose.at, ...new Set(moments)]
    .toSorted((a, b) => a - b)
    .find((at) => alertsAmong({ at, amount: dose.amount }, inOrder, limits).length === 0);
}
