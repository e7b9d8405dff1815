import { Documented } from '../../../kernel/http/documented.js';
import { NumberField } from '../../../kernel/http/fields.js';

const ShareField = (what: string, example: number) =>
  NumberField({
    description: `The part of the readings that are ${what}, from 0 to 1.`,
    example,
    min: 0,
    max: 1,
  });

@Documented({
  description:
    'How many of the readings are in the target of the kind. The parts add up to 1. They are parts of the time only where readings are evenly spaced, as those of a continuous monitor are.',
})
export class TimeInRangeDto {
  @ShareField('below the target', 0.04) below!: number;
  @ShareField('within the target', 0.72) within!: number;
  @ShareField('above the target', 0.24) above!: number;
}
