import { Documented } from '../../kernel/http/documented.js';
import { EnumField, InstantField } from '../../kernel/http/fields.js';
import { toKilograms, type WeightUnit } from '../../kernel/quantities/weight.js';
import { defineRecord } from '../../kernel/records/record.js';
import { WeightEntry } from './weight-entry.entity.js';
import { timestamp, unit, WeightField } from './weight.fields.js';

@Documented({ description: 'What a person enters of a weight.' })
export class WeightFieldsDto {
  @WeightField()
  weight_value!: number;

  @EnumField(unit)
  unit!: WeightUnit;

  @InstantField(timestamp)
  timestamp!: string;
}

/** What a person enters, in the names of the code. */
export interface WeightInput {
  readonly weightValue: number;
  readonly unit: WeightUnit;
  readonly timestamp: Date;
}

/** Two phones that differ by less than this mean the same weighing. */
const NOTICEABLE_KG = 0.5;

const kilograms = ({ weightValue, unit: name }: WeightInput): number => toKilograms(weightValue, name);

export const weightRecord = defineRecord({
  kind: 'weight',
  entity: WeightEntry,
  fields: WeightFieldsDto,
  data: WeightFieldsDto,
  groups: [['weight_value', 'unit', 'timestamp']],
  derive: (entered) => ({ weightKg: kilograms(entered) }),
  asks: (kept, lost) => Math.abs(kilograms(kept) - kilograms(lost)) >= NOTICEABLE_KG,
});
