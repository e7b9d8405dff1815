import { Documented } from '../../../kernel/http/documented.js';
import {
  BooleanField,
  EnumField,
  IntegerField,
  ListField,
  NumberField,
  ObjectField,
  StringField,
  WordListField,
} from '../../../kernel/http/fields.js';
import { ROLL_UP } from './custom-metrics.dto.js';

const loinc = {
  description: 'LOINC code. Null where no published value set that the service is tested against has one.',
  example: '8867-4',
  max: 16,
  nullable: true,
};
const decimals = (where: string) =>
  IntegerField({ description: `Decimals that an app shows in ${where}.`, example: 0, min: 0, max: 6 });
const TargetField = (where: string) =>
  ObjectField({
    description: `The values that readings should have, in ${where}; null for most kinds.`,
    type: () => MetricTargetDto,
    nullable: true,
  });
const RangeField = (description: string, example: number) => NumberField({ description, example });

@Documented({
  description:
    'The values that readings should have, both included: those of a published consensus, and no advice for one person.',
})
export class MetricTargetDto {
  @RangeField('The lowest value.', 70) minimum!: number;
  @RangeField('The highest value.', 180) maximum!: number;
}

@Documented({ description: 'A unit in which values may be entered.' })
export class MetricUnitDto {
  @StringField({ description: 'Its name in the API.', example: '/min', max: 32 })
  unit!: string;

  @StringField({
    description:
      'Its UCUM code, which is accepted as `unit`, too, except for `body_weight`. Null for a unit in a person’s own words.',
    example: '/min',
    max: 32,
    nullable: true,
  })
  ucum!: string | null;

  @NumberField({ description: 'The canonical value is `value * factor + offset`.', example: 1 })
  factor!: number;

  @NumberField({
    description:
      'See `factor`. Zero unless the scale of the unit begins elsewhere, as those of `degF` and of `mmol/mol` for HbA1c do.',
    example: 0,
  })
  offset!: number;

  @decimals('this unit')
  decimals!: number;

  @RangeField('The lowest value that is accepted in this unit.', 15)
  minimum!: number;

  @RangeField('The highest value that is accepted in this unit.', 320)
  maximum!: number;

  @RangeField('A lower value is accepted and flagged as implausible.', 35)
  usualMinimum!: number;

  @RangeField('A higher value is accepted and flagged as implausible.', 220)
  usualMaximum!: number;

  @TargetField('this unit, with its decimals')
  target!: MetricTargetDto | null;
}

@Documented({ description: 'One of the values of a kind with components.' })
export class MetricComponentDto {
  @StringField({ description: 'Its name in `components`.', example: 'systolic', max: 32 })
  name!: string;

  @StringField({ description: 'Its name for people.', example: 'Systolic', max: 64 })
  label!: string;

  @StringField({ ...loinc, example: '8480-6' })
  loinc!: string | null;

  @BooleanField({ description: 'Whether it may be left out.', example: false })
  isOptional!: boolean;

  @ListField({ description: 'Its units.', type: () => MetricUnitDto })
  units!: MetricUnitDto[];
}

@Documented({ description: 'A kind of reading: what it is, in which units, and how it is summarized.' })
export class MetricKindDto {
  @StringField({ description: 'Its name in the API; it never changes.', example: 'heart_rate', max: 64 })
  name!: string;

  @StringField({ description: 'Its name for people.', example: 'Heart rate', max: 64 })
  label!: string;

  @EnumField({
    description: 'Where an app shows it.',
    example: 'vitals',
    values: ['body', 'vitals', 'laboratory', 'activity', 'intake', 'wellbeing', 'custom'],
    name: 'MetricCategory',
    meaning: 'A part of a person’s health; `custom` are the kinds of your own.',
  })
  category!: string;

  @StringField({ description: 'The canonical unit, in which summaries are.', example: '/min', max: 32 })
  unit!: string;

  @ListField({
    description: 'All units that are accepted, the canonical one first.',
    type: () => MetricUnitDto,
  })
  units!: MetricUnitDto[];

  @StringField(loinc)
  loinc!: string | null;

  @decimals('the canonical unit; each of `units` has its own')
  decimals!: number;

  @TargetField('the canonical unit')
  target!: MetricTargetDto | null;

  @EnumField({
    description: 'How the readings of a period become one value.',
    example: 'average',
    ...ROLL_UP,
  })
  rollUp!: string;

  @EnumField({
    description: 'What a reading is about.',
    example: 'point',
    values: ['point', 'interval'],
    name: 'MetricShape',
    meaning:
      '`point`: one instant; `interval`: from `measured_at` to `ended_at`, and intervals that overlap count once.',
  })
  shape!: string;

  @ListField({
    description: 'Values that a reading has in place of `value`.',
    type: () => MetricComponentDto,
  })
  components!: MetricComponentDto[];

  @WordListField({ description: 'The values of `context`.', example: ['at_rest', 'active'], max: 32 })
  contexts!: string[];

  @BooleanField({ description: 'Whether a reading may have `tags`.', example: false })
  hasTags!: boolean;

  @StringField({
    description: 'Type identifier in HealthKit, without its prefix.',
    example: 'HeartRate',
    max: 64,
    nullable: true,
  })
  healthkit!: string | null;

  @StringField({
    description: 'Record type in Health Connect.',
    example: 'HeartRateRecord',
    max: 64,
    nullable: true,
  })
  healthConnect!: string | null;
}

@Documented({ description: 'All kinds that a person can use.' })
export class MetricKindsDto {
  @ListField({
    description: 'Kinds in the order of their categories; those of your own last.',
    type: () => MetricKindDto,
  })
  data!: MetricKindDto[];
}
