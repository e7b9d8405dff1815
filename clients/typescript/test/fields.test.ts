import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { validate } from '../../../src/kernel/http/check.js';
import { HealthMetricFieldsDto } from '../../../src/modules/health/health-metrics/health-metrics.dto.js';
import { SourceOrderFieldsDto } from '../../../src/modules/health/sources/source-orders.dto.js';
import { GoalFieldsDto } from '../../../src/modules/training/goals/goals.fields.js';
import { CustomMetricFieldsDto } from '../../../src/modules/health/health-metrics/custom-metrics.dto.js';
import { WeightFieldsDto } from '../../../src/modules/health/health-metrics/weight.dto.js';
import { MealFieldsDto } from '../../../src/modules/nutrition/meals/meals.dto.js';
import * as definitions from '../src/definitions.generated.js';
import { problemsOf } from '../src/rules.js';
import { quiet } from './support/runtime.js';
import { type Phone, shown, weight, World } from './support/world.js';

/* What the client stores, the server accepts: fields go in whole groups, and are checked by the contract before. */

let world: World;
let phone: Phone;
beforeEach(async () => {
  world = new World();
  phone = await world.phone();
});

const meal = {
  eaten_at: '2026-02-28T07:00:00.000Z',
  time_zone: 'Europe/Vienna',
  meal_type: 'breakfast' as const,
  title: 'Porridge',
  items: [],
};

describe('an update', () => {
  it('of one field takes the other fields of its group from the record', async () => {
    const weights = phone.hale.records('weight');
    const id = await weights.create({ ...weight(80), unit: 'lb' });
    await phone.hale.sync();
    await weights.update(id, { weight_value: 70 });
    await phone.hale.sync();
    expect(world.server.pushes.at(-1)?.mutations).toMatchObject([
      { op: 'update', fields: { ...weight(70), unit: 'lb' } },
    ]);
  });

  it('takes them from the values that the person sees, also from waiting edits', async () => {
    const weights = phone.hale.records('weight');
    const id = await weights.create(weight(80));
    await phone.hale.sync();
    world.server.fault = (path) => (path.endsWith('push') ? 'lose-answer' : undefined);
    await weights.update(id, { unit: 'st', weight_value: 11 });
    await phone.hale.sync();
    await weights.update(id, { weight_value: 12 });
    world.server.fault = () => undefined;
    await phone.hale.sync();
    expect(world.server.live()).toEqual({ [id]: { ...weight(12), unit: 'st' } });
  });

  it('does not change other groups', async () => {
    const meals = phone.hale.records('meal');
    const id = await meals.create(meal);
    await phone.hale.sync();
    await meals.update(id, { time_zone: 'Pacific/Auckland' });
    await phone.hale.sync();
    const [mutation] = world.server.pushes.at(-1)?.mutations ?? [];
    expect(mutation?.fields).toEqual({ eaten_at: meal.eaten_at, time_zone: 'Pacific/Auckland' });
  });
});

describe('derived fields', () => {
  /** As the server computes them, pulled by the phone. */
  async function synced(): Promise<string> {
    const id = await phone.hale.records('weight').create(weight(80));
    await phone.hale.sync();
    const stored = world.server.state.records.get(`weight/${id}`)!;
    const seq = String((world.server.state.seq += 1n));
    const data = { ...stored.data, utc_offset_min: 60, local_date: '2026-02-28' };
    world.server.state.records.set(`weight/${id}`, { ...stored, seq, version: 2, data });
    await phone.hale.sync();
    return id;
  }

  it.each(['update', 'put', 'together'] as const)(
    'are not sent where an app sends them back as they were, by %s',
    async (way) => {
      const weights = phone.hale.records('weight');
      const id = await synced();
      const fields = { ...(await weights.get(id))!.fields, weight_value: 81 };
      expect(fields).toMatchObject({ utc_offset_min: 60, local_date: '2026-02-28' });
      if (way === 'together')
        await phone.hale.together([
          { kind: 'weight', id, op: 'update', fields },
          { kind: 'weight', id: await synced(), op: 'update', fields: weight(82) },
        ]);
      else await weights[way](id, fields);
      await phone.hale.sync();
      const sent = world.server.pushes.at(-1)?.mutations.find((one) => one.id === id);
      expect(sent).toMatchObject({ op: 'update', fields: weight(81) });
      expect(Object.keys(sent?.fields ?? {})).toEqual(Object.keys(weight(81)));
    },
  );

  it('are refused with another value, because the service computes them, and in a new record', async () => {
    const weights = phone.hale.records('weight');
    const id = await synced();
    const refusal = {
      code: 'invalid',
      message: 'local_date is computed by the service: leave it out',
      fields: [{ field: 'local_date', code: 'not-allowed' }],
    };
    const fields = { ...weight(81), local_date: '2026-03-01' };
    await expect(weights.update(id, fields)).rejects.toMatchObject(refusal);
    await expect(weights.put(id, fields)).rejects.toMatchObject(refusal);
    await expect(weights.create(fields)).rejects.toMatchObject({ fields: [{ code: 'unknown-field' }] });
    expect((await weights.get(id))?.fields.weight_value).toBe(80);
  });

  it('alone change nothing, which is refused', async () => {
    const id = await synced();
    const unchanged = { local_date: '2026-02-28' } as object;
    await expect(phone.hale.records('weight').update(id, unchanged)).rejects.toMatchObject({
      fields: [{ field: 'fields', code: 'required' }],
    });
  });
});

describe('values that the server would refuse', () => {
  it.each<[string, object, string]>([
    ['out-of-range', { weight_value: 900 }, 'weight_value must be between 1 and 700 kg'],
    ['out-of-range', { weight_value: 120, unit: 'st' }, 'weight_value must be between 0.158 and 110.231 st'],
    ['wrong-type', { weight_value: '80' }, 'weight_value must be a number'],
    ['not-allowed', { unit: 'stone' }, 'unit must be one of: kg, lb, st'],
    ['required', { timestamp: null }, 'timestamp is required'],
    ['invalid', { timestamp: '2026-02-30T07:00:00Z' }, 'timestamp must be a date and time with an offset'],
    ['unknown-field', { weight: 80 }, 'weight is not a known field'],
  ])('are not stored (%s, %o)', async (code, fields, message) => {
    const weights = phone.hale.records('weight');
    const id = await weights.create(weight(80));
    const refusal = { code: 'invalid', message: expect.stringContaining(message), fields: [{ code }] };
    await expect(weights.update(id, fields as never)).rejects.toMatchObject(refusal);
    await expect(weights.create({ ...weight(80), ...fields } as never)).rejects.toMatchObject(refusal);
    await expect(weights.put(id, { ...weight(80), ...fields } as never)).rejects.toMatchObject(refusal);
    expect(await shown(phone)).toEqual({ [id]: 80 });
    await quiet();
    expect(phone.hale.status.value.pendingCount).toBe(1);
  });

  it('name the field in a list', async () => {
    const items = [{ name: 'Oats', quantity: 80, unit: 'g' }, { name: '', quantity: -1 } as never];
    await expect(phone.hale.records('meal').create({ ...meal, items })).rejects.toMatchObject({
      fields: [
        { field: 'items.1.name', message: 'items.1.name must not be empty' },
        { field: 'items.1.quantity' },
        { field: 'items.1.unit', message: 'items.1.unit is required' },
      ],
    });
  });

  it('refuse a group as a whole', async () => {
    const [one, other] = ['0195f000-0000-7000-8000-000000000001', '0195f000-0000-7000-8000-000000000002'];
    const group = phone.hale.together([
      { kind: 'weight', id: one, op: 'create', fields: { ...weight(80) } },
      { kind: 'weight', id: other, op: 'create', fields: { ...weight(900) } },
    ]);
    await expect(group).rejects.toMatchObject({ code: 'invalid' });
    expect(await shown(phone)).toEqual({});
  });

  it('are refused in a correction, too', async () => {
    await phone.hale.records('weight').create(weight(690));
    await phone.hale.sync();
    const [refused] = await phone.hale.needsAttention.list();
    const edited = phone.hale.needsAttention.edit(refused!.id, { weight_value: 7_000 });
    await expect(edited).rejects.toMatchObject({ code: 'invalid' });
    expect(await phone.hale.needsAttention.list()).toEqual([refused]);
  });

  it('include an update without a field', async () => {
    const id = await phone.hale.records('weight').create(weight(80));
    await expect(phone.hale.records('weight').update(id, {})).rejects.toMatchObject({ code: 'invalid' });
  });
});

it('the status is not "up to date" while there is a refused edit', async () => {
  await phone.hale.records('weight').create(weight(690));
  await phone.hale.sync();
  expect(phone.hale.status.value).toMatchObject({ needsAttention: 1, pendingCount: 0, upToDate: false });
  const [refused] = await phone.hale.needsAttention.list();
  await phone.hale.needsAttention.discard(refused!.id);
  await quiet();
  expect(phone.hale.status.value).toMatchObject({ needsAttention: 0, upToDate: true });
});

it('an edit is a reason not to say "up to date" from the moment it is stored', async () => {
  await phone.hale.sync();
  expect(phone.hale.status.value.upToDate).toBe(true);
  await phone.hale.records('weight').create(weight(80));
  expect(phone.hale.status.value.upToDate).toBe(false);
});

it('an id that is none is refused before it is stored', async () => {
  const creating = phone.hale.records('weight').create(weight(80), 'local-1');
  await expect(creating).rejects.toMatchObject({ code: 'invalid', fields: [{ field: 'id' }] });
  expect(await shown(phone)).toEqual({});
});

describe('the checks of client and service agree', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.constantFrom('', 'a'.repeat(200), '😀'.repeat(200), 'a'.repeat(201), '\u0001', '\ud800', ' ', '\n'),
  );
  const instant = fc.oneof(
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.constantFrom(
      '2026-01-06T20:30Z',
      '2026-01-06t20:30:00,5+01:00',
      '2026-02-29T00:00:00Z',
      '2026-01-06',
      '1899-12-31T23:30:00-01:00',
      '2199-12-31T23:30:00-01:00',
      '2026-01-06T25:00:00Z',
      '2026-01-06T24:00:00Z',
    ),
  );
  const anything = fc.oneof(fc.constantFrom(null, undefined, true, {}, []), fc.double(), fc.string());
  const mostly = <T>(valid: fc.Arbitrary<T>) =>
    fc.oneof({ weight: 8, arbitrary: valid as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: anything });
  const amount = fc.oneof(
    fc.double({ min: -1, max: 100_001, noNaN: true }),
    fc.integer({ min: 0, max: 100 }),
  );
  const item = fc.record(
    {
      name: mostly(text),
      quantity: mostly(amount),
      unit: mostly(fc.string({ maxLength: 17 })),
      energy_kcal: mostly(amount),
      salt_g: mostly(amount),
    },
    { requiredKeys: ['name', 'quantity', 'unit'] },
  );
  const someWeight = fc.record(
    {
      weight_value: mostly(fc.double({ min: 0, max: 1_600, noNaN: true })),
      unit: mostly(fc.constantFrom('kg', 'lb', 'st')),
      timestamp: mostly(instant),
      note: anything,
    },
    { requiredKeys: ['weight_value', 'unit', 'timestamp'] },
  );
  const someMeal = fc.record(
    {
      eaten_at: mostly(instant),
      time_zone: fc.constantFrom('Europe/Vienna', '', null, 5),
      meal_type: mostly(fc.constantFrom('breakfast', 'lunch')),
      title: mostly(text),
      note: mostly(text),
      items: mostly(fc.array(mostly(item), { maxLength: 3 })),
    },
    { requiredKeys: ['eaten_at', 'time_zone', 'meal_type', 'items'] },
  );
  const someRange = fc.record(
    {
      minimum: mostly(amount),
      maximum: mostly(fc.double({ min: 0, max: 2e7, noNaN: true })),
      other: anything,
    },
    { requiredKeys: [] },
  );
  const someCustomMetric = fc.record(
    {
      name: mostly(text),
      unit: fc.constantFrom('s', 'a b'),
      roll_up: mostly(fc.constantFrom('sum', 'max')),
      value_range: mostly(someRange),
    },
    { requiredKeys: ['name', 'unit', 'roll_up'] },
  );
  const word = fc.constantFrom('a', 'A', 'b', 'c', '', 'x'.repeat(33), '😀'.repeat(32), 'a\nb', ' a');
  const words = mostly(fc.array(mostly(word), { maxLength: 11 }));
  const someTags = fc.record({ tags: words }, { requiredKeys: ['tags'] }).map((given) => ({
    metric: 'mood',
    value: 3,
    unit: 'score',
    measured_at: '2026-01-06T20:30:00Z',
    time_zone: 'Europe/Vienna',
    source: 'manual',
    ...given,
  }));
  const someSources = fc.record({ sources: words }, { requiredKeys: ['sources'] });
  const weekdays = mostly(fc.array(mostly(fc.constantFrom('mon', 'tue', 'monday', 'sun')), { maxLength: 8 }));
  const someGoal = fc.record({ weekdays }, { requiredKeys: ['weekdays'] }).map((given) => ({
    name: 'Steps',
    subject: 'metric:steps',
    direction: 'at_least',
    target_min: 8_000,
    unit: 'steps',
    period: 'day',
    start_on: '2026-01-06',
    ...given,
  }));
  // The service rounds to a millionth of a kilogram before it compares.
  const isAtTheEdge = ({ weight_value: value }: Record<string, unknown>): boolean =>
    [1, 700].some((kg) =>
      [1, 0.45359237, 6.35029318].some((factor) => Math.abs(Number(value) * factor - kg) < 1e-5),
    );

  it.each([
    ['weight', definitions.weight, WeightFieldsDto, someWeight],
    ['meal', definitions.meal, MealFieldsDto, someMeal],
    ['custom metric', definitions.customMetric, CustomMetricFieldsDto, someCustomMetric],
  ] as const)('on every %s', (_, { fields }, type, arbitrary) => {
    fc.assert(
      fc.property(arbitrary as fc.Arbitrary<Record<string, unknown>>, (given) => {
        fc.pre(!isAtTheEdge(given));
        // As it is sent.
        const values = JSON.parse(JSON.stringify(given)) as Record<string, unknown>;
        const here = problemsOf(fields, values).map(({ field, code }) => `${field} ${code}`);
        const answer: unknown = validate<object>(type, values);
        const there = Array.isArray(answer)
          ? answer.map(({ field, code }: { field: string; code: string }) => `${field} ${code}`)
          : [];
        expect(here.toSorted()).toEqual(there.toSorted());
      }),
      { numRuns: 2_000 },
    );
  });

  // The client names the entry that is wrong, and the service the list.
  it.each([
    ['tags', definitions.healthMetric, HealthMetricFieldsDto, someTags],
    ['sources', definitions.sourceOrder, SourceOrderFieldsDto, someSources],
    ['weekdays', definitions.goal, GoalFieldsDto, someGoal],
  ] as const)('on every list of %s', (_, { fields }, type, arbitrary) => {
    fc.assert(
      fc.property(arbitrary as fc.Arbitrary<Record<string, unknown>>, (given) => {
        const values = JSON.parse(JSON.stringify(given)) as Record<string, unknown>;
        const here = problemsOf(fields, values).map(({ field }) => field.replace(/\.\d+$/, ''));
        const answer: unknown = validate<object>(type, values);
        const there = Array.isArray(answer) ? answer.map(({ field }: { field: string }) => field) : [];
        expect([...new Set(here)].toSorted()).toEqual(there.toSorted());
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a list of words', () => {
  beforeEach(async () => {
    phone = await world.phone({ kinds: [definitions.healthMetric, definitions.sourceOrder] });
  });
  const mood = {
    metric: 'mood',
    value: 3,
    unit: 'score',
    measured_at: '2026-01-06T20:30:00Z',
    time_zone: 'Europe/Vienna',
    source: 'manual',
  };

  it('that is empty is null at once where the service stores null', async () => {
    const readings = phone.hale.records('health_metric');
    const id = await readings.create({ ...mood, tags: [] });
    expect((await readings.get(id))?.fields.tags).toBeNull();
    await readings.update(id, { tags: ['work'] });
    await readings.update(id, { tags: [] });
    expect((await readings.get(id))?.fields.tags).toBeNull();
    // An order without a source is one.
    const orders = phone.hale.records('source_order');
    const order = await orders.create({ sources: [] });
    expect((await orders.get(order))?.fields.sources).toEqual([]);
  });

  it('contains nothing twice', async () => {
    const readings = phone.hale.records('health_metric');
    await expect(readings.create({ ...mood, tags: ['work', 'work'] })).rejects.toMatchObject({
      code: 'invalid',
      fields: [{ field: 'tags', code: 'invalid', message: 'tags must not contain anything twice' }],
    });
    expect(await readings.list()).toEqual([]);
    await readings.create({ ...mood, tags: ['work', 'Work'] });
  });
});
