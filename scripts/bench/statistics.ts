export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** The smallest value that `share` of all values do not exceed; of an even number's middle two the lower. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}

/** How far apart the extremes are, as a share of the median: how noisy the machine was. */
export const spread = (values: readonly number[]): number =>
  (Math.max(...values) - Math.min(...values)) / median(values);
