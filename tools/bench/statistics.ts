export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** The smallest value that at least `share` of all values do not exceed; of two middle values the lower. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}

/** Difference between the extremes as a share of the median: how noisy the machine was. */
export const spread = (values: readonly number[]): number =>
  (Math.max(...values) - Math.min(...values)) / median(values);
