import type { FieldError } from '../../../kernel/http/problem.js';
import type { CustomMetric } from './custom-metric.entity.js';
import { CUSTOM } from './metric-kinds.js';

/** What the rules of a person's own kind need of a reading. */
interface OwnReading {
  readonly metric: string;
  readonly unit: string;
  readonly value?: number | null;
}

/** The id of a person's own kind, in the name of the kind; undefined for a kind of the product. */
export const ownIdOf = (metric: string): string | undefined => CUSTOM.exec(metric)?.[1];

/**
 * Checks a reading of a person's own kind.
 * @param find one of the own kinds by its id, tombstones included.
 */
export function faultsOfOwn(
  { metric, unit, value }: OwnReading,
  find: (id: string) => CustomMetric | undefined,
): FieldError[] {
  const id = ownIdOf(metric);
  if (id === undefined) return [];
  const kind = find(id);
  if (!kind || kind.deletedAt !== null)
    return [
      { field: 'metric', code: 'not-allowed', message: 'metric must name a kind of your own that exists' },
    ];
  if (unit !== kind.unit)
    return [{ field: 'unit', code: 'not-allowed', message: `unit must be ${kind.unit}` }];
  const { valueRange: range } = kind;
  if (value == null || !range || (value >= range.minimum && value <= range.maximum)) return [];
  const message = `value must be from ${range.minimum} to ${range.maximum} ${kind.unit}`;
  return [{ field: 'value', code: 'out-of-range', message }];
}
