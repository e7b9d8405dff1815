import { localTime } from '../../../kernel/quantities/local-time.js';
import { toKilograms } from '../../../kernel/quantities/weight.js';
import { defineRecord } from '../../../records/define/define-record.js';
import { metrics } from './metrics.scopes.js';
import { WeightEntry } from './weight-entry.entity.js';
import { WeightDataDto, WeightFieldsDto } from './weight.dto.js';

/** A conflict of two weights that differ by less is stored as resolved: nobody needs to choose between them. */
const NOTICEABLE_KG = 0.5;

const kilograms = ({ weightValue, unit: name }: WeightFieldsDto): number => toKilograms(weightValue, name);

export const weightRecord = defineRecord({
  kind: 'weight',
  revision: 2,
  entity: WeightEntry,
  fields: WeightFieldsDto,
  data: WeightDataDto,
  groups: [['weightValue', 'unit', 'timestamp']],
  timeline: { instant: 'timestamp', day: 'localDate', resource: metrics },
  derive: (entered) => ({ weightKg: kilograms(entered) }),
  // The fields have no zone, so it is that of the profile when the entry is made. A change of the zone moves no weight.
  compare: async (weights, { timeZone }) => {
    for (const weight of weights) {
      weight.timeZone ??= await timeZone();
      const { date, hour, offsetMin } = localTime(weight.timestamp, weight.timeZone);
      Object.assign(weight, { localDate: date, localHour: hour, utcOffsetMin: offsetMin });
    }
  },
  inherit: ({ timeZone }) => ({ timeZone }),
  needsDecision: (kept, lost) => Math.abs(kilograms(kept) - kilograms(lost)) >= NOTICEABLE_KG,
});
