import { toKilograms } from '../../../kernel/quantities/weight.js';
import { defineRecord } from '../../../records/define/define-record.js';
import { WeightEntry } from './weight-entry.entity.js';
import { WeightFieldsDto } from './weight.dto.js';

/** A conflict of two weights that differ by less is stored as resolved: nobody needs to choose between them. */
const NOTICEABLE_KG = 0.5;

const kilograms = ({ weightValue, unit: name }: WeightFieldsDto): number => toKilograms(weightValue, name);

export const weightRecord = defineRecord({
  kind: 'weight',
  entity: WeightEntry,
  fields: WeightFieldsDto,
  data: WeightFieldsDto,
  groups: [['weightValue', 'unit', 'timestamp']],
  derive: (entered) => ({ weightKg: kilograms(entered) }),
  needsDecision: (kept, lost) => Math.abs(kilograms(kept) - kilograms(lost)) >= NOTICEABLE_KG,
});
