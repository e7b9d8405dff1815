import { Documented } from '../../../kernel/http/documented.js';
import {
  BooleanField,
  DayField,
  EnumField,
  IntegerField,
  NumberField,
  StringField,
  TextField,
  WordListField,
} from '../../../kernel/http/fields.js';
import { type Direction, directions, type Length, lengths, weekdayNames } from './goal-periods.js';
import { creation, steps } from './goals.examples.js';

const none = { optional: true, nullable: true } as const;
const MOST = 1e9;
const NumberOfUnit = (description: string, example: number | null) =>
  NumberField({ description, example, min: -MOST, max: MOST, ...none });

@Documented({ description: 'What a person aims at.', examples: creation })
export class GoalFieldsDto {
  @StringField({ description: 'Name, in the person’s words.', example: steps.name, max: 200 })
  name!: string;

  @StringField({
    description:
      'What is counted: `metric:` and the name of a kind of `GET /api/health-metrics/kinds` with one value, such as `metric:steps`, `metric:water_intake`, or `metric:custom:<id>` for a kind of your own; `nutrient:` and the key of a nutrient that meals sum, such as `nutrient:energy_kcal`, `nutrient:fiber_g` or `nutrient:sodium_mg`; `sleep`, the time asleep in a night; `adherence`, the part of the expected doses that was taken in time.',
    example: steps.subject,
    max: 64,
  })
  subject!: string;

  @EnumField({
    description: 'The direction.',
    example: steps.direction,
    values: directions,
    name: 'GoalDirection',
    meaning:
      '`at_least` and `reach` have a `target_min`, `at_most` and `reduce_to` a `target_max`, `between` both. `reach` and `reduce_to` are for the period `total`.',
  })
  direction!: Direction;

  @NumberOfUnit('The lower target, inclusive, in `unit`.', steps.target_min) targetMin?: number | null;
  @NumberOfUnit('The upper target, inclusive, in `unit`.', null) targetMax?: number | null;

  @NumberOfUnit(
    'Where the person began, in `unit`, for `reach` and `reduce_to`: the percentage is the part of the way from here.',
    null,
  )
  startValue?: number | null;

  @StringField({
    description:
      'The unit of the targets: one of the kind; `kcal` or `kJ` for energy, and `g`, `mg` or `ug` for other nutrients; `min` or `h` for sleep; `%` for adherence.',
    example: steps.unit,
    max: 32,
  })
  unit!: string;

  @EnumField({
    description: 'The period.',
    example: steps.period,
    values: lengths,
    name: 'GoalPeriodLength',
    meaning:
      'What is compared with the target: each local day, each week from Monday, each month of the calendar, or all days together.',
  })
  period!: Length;

  @WordListField({
    description: 'The days that count, for the period `day`. Null for all.',
    example: null as unknown as string[],
    values: weekdayNames,
    max: 7,
    ...none,
  })
  weekdays?: string[] | null;

  @DayField({ description: 'The first local day that counts.', example: steps.start_on })
  startOn!: string;

  @DayField({
    description: 'The last local day that counts, at most 3 659 days after `start_on`. Null for no end.',
    example: null,
    ...none,
  })
  dueOn?: string | null;

  @IntegerField({
    description:
      'How many periods in a row may be missed, or have no data, without the end of a streak. Null for none.',
    example: 1,
    min: 0,
    max: 30,
    ...none,
  })
  allowedMisses?: number | null;

  @TextField('A free note.', 'With the dog', 1_000) note?: string | null;

  @BooleanField({
    description: 'Whether it is only shown in the history. `GET /api/goals/today` leaves it out.',
    example: false,
    ...none,
  })
  isArchived?: boolean | null;
}
