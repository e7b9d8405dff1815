import { describe, expect, it } from 'vitest';
import { validate } from '../../src/kernel/http/check.js';
import {
  BooleanField,
  DayField,
  EmailField,
  EnumField,
  ForeignField,
  InstantField,
  IntegerField,
  ListField,
  NumberField,
  StringField,
  TimeZoneField,
  UuidField,
  WordListField,
} from '../../src/kernel/http/fields.js';
import { MealFieldsDto } from '../../src/modules/nutrition/meals/meals.dto.js';

const meal = {
  eaten_at: '2026-01-06T07:30:00.000Z',
  time_zone: 'Europe/Berlin',
  meal_type: 'breakfast',
  items: [{ name: 'Oats', quantity: 80, unit: 'g' }],
};

/** An entry that records whether its members are read. */
function watched(): { entry: object; readonly looks: number } {
  let looks = 0;
  const look = (): undefined => void (looks += 1);
  const entry = new Proxy({}, { ownKeys: () => (look(), []), get: look, getOwnPropertyDescriptor: look });
  return {
    entry,
    get looks() {
      return looks;
    },
  };
}

describe('checking input', () => {
  it.each([
    {
      field: 'items',
      count: 51,
      code: 'out-of-range',
      message: 'items must have at most 50 entries',
    },
    { field: 'title', count: 1, code: 'wrong-type', message: 'title must be a text' },
    { field: 'steps', count: 1, code: 'unknown-field', message: 'steps is not a field of this request' },
  ])('reads no entry of a list that is refused: $field', ({ field, count, code, message }) => {
    const spy = watched();
    const list = Array.from({ length: count }, () => spy.entry);
    expect(validate(MealFieldsDto, { ...meal, [field]: list })).toEqual([{ field, code, message }]);
    expect(spy.looks).toBe(0);
  });

  it('reports the index of the entry and the field in it', () => {
    const items = [...meal.items, { ...meal.items[0], quantity: -1, salt: 1 }, { name: 'Milk' }];
    expect(validate(MealFieldsDto, { ...meal, items })).toMatchObject([
      { field: 'items.1.salt', code: 'unknown-field' },
      { field: 'items.1.quantity', code: 'out-of-range', message: 'quantity must be at least 0' },
      { field: 'items.2.quantity', code: 'required' },
      { field: 'items.2.unit', code: 'required' },
    ]);
  });

  it('cuts the name of an unknown field in the message', () => {
    const [error] = validate(MealFieldsDto, { ...meal, ['x'.repeat(1_000)]: 1 }) as { message: string }[];
    expect(error?.message).toBe(`${'x'.repeat(64)} is not a field of this request`);
  });
});

describe('what is said of a wrong value', () => {
  const shown = { description: 'A field.', example: 'x' };
  class AllDto {
    @StringField({ ...shown, min: 2, max: 3, optional: true }) text?: string;
    @NumberField({ ...shown, min: 1, max: 9, optional: true }) number?: number;
    @IntegerField({ ...shown, min: 1, max: 9, optional: true }) whole?: number;
    @BooleanField({ ...shown, optional: true }) flag?: boolean;
    @EnumField({ ...shown, values: ['a', 'b'], name: 'Choice', meaning: 'A choice.', optional: true })
    choice?: string;
    @UuidField({ ...shown, optional: true }) id?: string;
    @TimeZoneField({ ...shown, optional: true }) timeZone?: string;
    @EmailField({ ...shown, optional: true }) email?: string;
    @InstantField({ ...shown, optional: true }) at?: Date;
    @DayField({ ...shown, optional: true }) day?: string;
    @ForeignField({ ...shown, optional: true }) foreign?: object;
    @ListField({ description: 'A list.', type: () => MealFieldsDto, min: 1, max: 2, optional: true })
    list?: object[];
    @WordListField({ ...shown, values: ['a', 'b'], min: 1, max: 9, optional: true }) words?: string[];
    @StringField({ ...shown, max: 3 }) needed!: string;
  }

  it.each([
    [{}, 'needed is required'],
    [{ needed: null }, 'needed is required'],
    [{ text: 1 }, 'text must be a text'],
    [{ text: 'a' }, 'text must have at least 2 characters'],
    [{ text: 'abcd' }, 'text must have at most 3 characters'],
    [{ text: 'a\u0000' }, 'text must not contain control characters or broken surrogates'],
    [{ needed: '' }, 'needed must have at least one character'],
    [{ number: '70' }, 'number must be a number'],
    [{ number: 0 }, 'number must be at least 1'],
    [{ number: 10 }, 'number must be at most 9'],
    [{ whole: 1.5 }, 'whole must be a whole number'],
    [{ flag: 'true' }, 'flag must be true or false'],
    [{ choice: 'c' }, 'choice must be one of: a, b'],
    [{ id: 'x' }, 'id must be a UUID'],
    [{ time_zone: 'Berlin' }, 'time_zone must be the name of a time zone, such as Europe/Berlin'],
    [{ email: 'x' }, 'email must be an e-mail address'],
    [{ email: '\u202Emoc.elpmaxe@ada@example.org' }, 'email must not contain invisible characters'],
    [{ email: 'a\u200Bda@example.org' }, 'email must not contain invisible characters'],
    [{ email: 'a\u00A0da@example.org' }, 'email must not contain invisible characters'],
    [{ at: 'x' }, 'at must be an ISO 8601 date and time with an offset, such as 2026-01-06T20:30:00Z'],
    [{ day: 'x' }, 'day must be a calendar day, such as 2026-01-06'],
    [{ foreign: [] }, 'foreign must be an object'],
    [{ list: {} }, 'list must be a list'],
    [{ list: [] }, 'list must have at least one entry'],
    [{ list: [1, 2, 3] }, 'list must have at most 2 entries'],
    [{ list: [1] }, 'each entry of list must be an object'],
    [{ words: ['c'] }, 'each entry of words must be one of: a, b'],
    [{ words: ['a', 'a'] }, 'words must not contain anything twice'],
  ])('%j: %s', (sent, message) => {
    const errors = validate(AllDto, {
      ...('needed' in sent || !Object.keys(sent).length ? {} : { needed: 'x' }),
      ...sent,
    });
    expect(errors).toMatchObject([{ message }]);
  });
});
