/*
 * The trend of a kind. Like the roll-up it has no imports, so that a client computes the same from its own copy.
 */

/** The value of one local day. */
export interface DayValue {
  readonly localDate: string;
  readonly value: number;
}

export interface TrendDay extends DayValue {
  /** The smoothed value. */
  readonly trend: number;
}

export interface ForecastDay {
  readonly localDate: string;
  readonly value: number;
  /** Nineteen of twenty values are expected between the two. */
  readonly low: number;
  readonly high: number;
}

export interface Trend {
  readonly days: TrendDay[];
  /** How fast the value changes, in the canonical unit per week; null without a forecast. */
  readonly changePerWeek: number | null;
  /** Null when fewer than {@link LEAST_DAYS} days have a value. */
  readonly forecast: ForecastDay[] | null;
}

/** Days with a value that a forecast needs. */
export const LEAST_DAYS = 14;
/** Half-lives before the first day that is shown: what is older changes no decimal of it. */
export const WARM_UP = 40;
/** Half-lives before the last day that a forecast uses, so that it does not depend on the first day that is shown. */
const REMEMBERED = 16;
const DAY_MS = 86_400_000;
/** Standard deviations that 95 % of a normal distribution are within. */
const BAND = 1.96;

/**
 * Smooths daily values exponentially: a value counts half as much after `halfLifeDays`. A gap lets older values count less, so
 * days without a value need no guess. The forecast is a weighted regression line: the smoothed value lags behind a change.
 * @param days in their order, those of {@link WARM_UP} half-lives before `from` included.
 * @param from the first day that is shown.
 */
export function trendOf(
  days: readonly DayValue[],
  halfLifeDays: number,
  forecastDays: number,
  from = '',
): Trend {
  const smoothed: TrendDay[] = [];
  for (const day of days) {
    const before = smoothed.at(-1);
    const keep = before ? 0.5 ** (distance(before.localDate, day.localDate) / halfLifeDays) : 0;
    smoothed.push({ ...day, trend: before ? before.trend * keep + day.value * (1 - keep) : day.value });
  }
  const shown = smoothed.filter(({ localDate }) => localDate >= from).map(rounded);
  const last = smoothed.at(-1);
  const recent = days.filter(
    ({ localDate }) => last && distance(localDate, last.localDate) <= REMEMBERED * halfLifeDays,
  );
  if (!last || shown.length === 0 || recent.length < LEAST_DAYS)
    return { days: shown, changePerWeek: null, forecast: null };
  const { slope, at } = regression(recent, last.localDate, halfLifeDays);
  const forecast = Array.from({ length: forecastDays }, (_, index) => {
    const { value, deviation } = at(index + 1);
    const reach = BAND * deviation;
    return {
      localDate: new Date(Date.parse(last.localDate) + (index + 1) * DAY_MS).toISOString().slice(0, 10),
      value: round(value),
      low: round(value - reach),
      high: round(value + reach),
    };
  });
  return { days: shown, changePerWeek: round(slope * 7), forecast };
}

/** A line through the values; those of the last four half-lives decide. */
function regression(days: readonly DayValue[], end: string, halfLifeDays: number) {
  const points = days.map(({ localDate, value }) => {
    const x = -distance(localDate, end);
    return { x, y: value, w: 0.5 ** (-x / (4 * halfLifeDays)) };
  });
  const weight = sum(points.map(({ w }) => w));
  const meanX = sum(points.map(({ x, w }) => x * w)) / weight;
  const meanY = sum(points.map(({ y, w }) => y * w)) / weight;
  const spread = sum(points.map(({ x, w }) => w * (x - meanX) ** 2));
  const slope = spread === 0 ? 0 : sum(points.map(({ x, y, w }) => w * (x - meanX) * (y - meanY))) / spread;
  const scatter = sum(points.map(({ x, y, w }) => w * (y - meanY - slope * (x - meanX)) ** 2)) / weight;
  // How much the scatter of the values moves the mean and the slope; the weights make many values count as few.
  const ofMean = sum(points.map(({ w }) => w ** 2)) / weight ** 2;
  const ofSlope = spread === 0 ? 0 : sum(points.map(({ x, w }) => (w * (x - meanX)) ** 2)) / spread ** 2;
  const ofBoth = spread === 0 ? 0 : sum(points.map(({ x, w }) => w ** 2 * (x - meanX))) / (weight * spread);
  const effective = 1 / ofMean;
  const variance = (scatter * effective) / Math.max(effective - 2, 1);
  /** The line some days after the end, and the standard deviation of a value there. */
  const at = (x: number) => {
    const far = x - meanX;
    const unsure = 1 + ofMean + 2 * far * ofBoth + far ** 2 * ofSlope;
    return { value: meanY + slope * far, deviation: Math.sqrt(variance * unsure) };
  };
  return { slope, at };
}

const distance = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / DAY_MS;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
/** Adding zero makes a zero of `-0`. */
const round = (value: number): number => Math.round(value * 1e6) / 1e6 + 0;
const rounded = (day: TrendDay): TrendDay => ({ ...day, trend: round(day.trend) });
