import type { FieldError } from '../../../kernel/http/problem.js';
import { localTime } from '../../../kernel/quantities/local-time.js';
import { toKilograms } from '../../../kernel/quantities/weight.js';
import { defineRecord } from '../../../records/define/define-record.js';
import { faultsOfFuture } from '../not-of-the-future.js';
import { faultsOfId } from './external-id.js';
import { BODY_WEIGHT } from './metric-kinds.js';
import { metrics } from './metrics.scopes.js';
import { minuteOf } from './shown.js';
import { WeightEntry } from './weight-entry.entity.js';
import { MANUAL } from './weight-readings.js';
import { WeightDataDto, WeightFieldsDto } from './weight.dto.js';

/** A conflict of two weights that differ by less is stored as resolved: nobody needs to choose between them. */
const NOTICEABLE_KG = 0.5;

type Weighed = Pick<WeightFieldsDto, 'weightValue' | 'unit'>;

const kilograms = ({ weightValue, unit: name }: Weighed): number => toKilograms(weightValue, name);

export const weightRecord = defineRecord({
  kind: 'weight',
  revision: 3,
  entity: WeightEntry,
  fields: WeightFieldsDto,
  data: WeightDataDto,
  groups: [['weightValue', 'unit', 'timestamp'], ['source', 'externalId'], ['device'], ['timeZone']],
  addedLater: ['source', 'externalId', 'device', 'timeZone'],
  check: faultsOfSource,
  admit: ({ timestamp }, { current, now }) => faultsOfFuture('timestamp', timestamp, current?.timestamp, now),
  source: { source: 'source', instant: 'timestamp' },
  timeline: { instant: 'timestamp', day: 'localDate', resource: metrics },
  placed: { timeZone: 'timeZone', instants: ['timestamp'] },
  derive: ({ source = MANUAL, externalId = null, device = null, ...entered }) => ({
    source,
    externalId,
    device,
    weightKg: kilograms(entered),
    measuredMinute: minuteOf(entered.timestamp),
  }),
  // Without a zone, it is that of the profile when the entry is made. A change of the profile moves no weight.
  compare: async (weights, { timeZone }) => {
    for (const weight of weights) {
      weight.timeZone ??= await timeZone();
      const { date, hour, offsetMin } = localTime(weight.timestamp, weight.timeZone);
      Object.assign(weight, { localDate: date, localHour: hour, utcOffsetMin: offsetMin });
    }
  },
  needsDecision: (kept, lost) => Math.abs(kilograms(kept) - kilograms(lost)) >= NOTICEABLE_KG,
});

/** @param weight may lack groups that a change does not have. The source is null in a group that was sent without it. */
function faultsOfSource(
  { source, ...weight }: { readonly source?: string | null; readonly externalId?: string | null },
  id: string | undefined,
): FieldError[] {
  if (source === null)
    return [{ field: 'source', code: 'required', message: 'source is required with external_id' }];
  return source === undefined ? [] : faultsOfId({ ...weight, metric: BODY_WEIGHT, source }, id);
}
