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

export const hasLimits = ({ maxDailyAmount, minIntervalMin }: DoseLimits): boolean =>
  maxDailyAmount !== null || minIntervalMin !== null;

/** How far from a dose others matter, in milliseconds. */
export const reachOf = ({ minIntervalMin }: DoseLimits): number =>
  Math.max(DAY_MS, (minIntervalMin ?? 0) * MINUTE_MS);

/**
 * The limits that a dose breaks together with others. Doses arrive in any order, so those after it count as those before it: of two
 * doses that break a limit together, the one that is stored later has the alert.
 */
export function alertsOf(dose: TakenDose, others: readonly TakenDose[], limits: DoseLimits): DoseAlert[] {
  return DOSE_ALERTS.filter((alert) =>
    alert === 'too_soon' ? isTooSoon(dose, others, limits) : isOverLimit(dose, others, limits),
  );
}

function isTooSoon({ at }: TakenDose, others: readonly TakenDose[], { minIntervalMin }: DoseLimits): boolean {
  if (minIntervalMin === null) return false;
  return others.some((other) => Math.abs(other.at - at) < minIntervalMin * MINUTE_MS);
}

/** Whether some period of 24 hours with the dose in it has too much. The fullest one ends with one of the doses. */
function isOverLimit(dose: TakenDose, others: readonly TakenDose[], { maxDailyAmount }: DoseLimits): boolean {
  if (maxDailyAmount === null) return false;
  const near = others.filter(({ at }) => Math.abs(at - dose.at) < DAY_MS);
  return [dose, ...near.filter(({ at }) => at >= dose.at)].some(({ at: end }) => {
    const within = near.filter(({ at }) => at <= end && at > end - DAY_MS);
    return within.reduce((sum, { amount }) => sum + amount, dose.amount) > maxDailyAmount + TOLERANCE;
  });
}

/**
 * The first instant, not before that of the dose, at which it breaks no limit, in milliseconds.
 * @param others all doses that are not further before it than {@link reachOf}
 * @returns undefined if the dose alone is more than the daily limit
 */
export function nextSafeAt(
  dose: TakenDose,
  others: readonly TakenDose[],
  limits: DoseLimits,
): number | undefined {
  const interval = (limits.minIntervalMin ?? 0) * MINUTE_MS;
  const moments = others.flatMap(({ at }) => [at + interval, at + DAY_MS]).filter((at) => at > dose.at);
  return [dose.at, ...new Set(moments)]
    .toSorted((a, b) => a - b)
    .find((at) => alertsOf({ at, amount: dose.amount }, others, limits).length === 0);
}
