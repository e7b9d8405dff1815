import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { processorTime } from '../../support/processor-time.js';
import { personWith } from '../../support/people.js';
import { reading } from '../../support/readings.js';
import { Device, mealFields } from '../../support/sync.js';
import { entry, push } from '../../support/weights.js';
import { exampleOf, type Operation, operationsOf, type Schema, typesOf } from './operations.js';
import { contents, everyAnswer, recordAnswers, WEIGHT, weight } from './support.js';

const LONG = JSON.stringify('x'.repeat(1_000_000));
const OBJECTS = ['{}', '{"role":"admin"}', '{"$ne":null}', '{"length":1}'];
const TEXTS = ['"a\\u0000b"', '"\\ud800"', '"a\\udfffb"', LONG];
const NUMBERS = ['9223372036854775808', '-9223372036854775809', '1e309', '-1e309', '-0'];

/** Values that a field of this kind must refuse, as raw JSON, because some cannot be written otherwise. */
function badValues(schema: Schema): string[] {
  const types = typesOf(schema);
  const ofKind: Record<string, readonly string[]> = {
    string: [
      '12345',
      'true',
      '[]',
      '["x"]',
      '""',
      ...OBJECTS,
      ...TEXTS,
      ...NUMBERS,
      ...(takesAnyText(schema) ? [] : ['"NaN"']),
    ],
    number: ['"75.5"', '"NaN"', '""', 'true', '[]', '[75.5]', ...OBJECTS, ...TEXTS, ...NUMBERS],
    integer: ['"1"', '"NaN"', '1.5', '""', 'true', '[]', '[1]', ...OBJECTS, ...TEXTS, ...NUMBERS],
    boolean: ['"true"', '"NaN"', '0', '1', '""', '[]', '[true]', ...OBJECTS, ...TEXTS, ...NUMBERS],
    array: [
      '"x"',
      '"NaN"',
      '1',
      'true',
      '""',
      ...((schema.minItems ?? 0) > 0 ? ['[]'] : []),
      ...OBJECTS,
      ...TEXTS,
      ...NUMBERS,
    ],
    object: ['"x"', '"NaN"', '1', 'true', '""', '[]', ...TEXTS, ...NUMBERS],
  };
  // Minus zero is zero, which is right where zero is.
  const isZeroRight = (schema.minimum ?? 1) <= 0;
  return [
    ...(types.includes('null') ? [] : ['null']),
    ...ofKind[types.find((type) => type !== 'null')!]!.filter((raw) => raw !== '-0' || !isZeroRight),
  ];
}

const takesAnyText = ({ format, enum: values, pattern }: Schema): boolean =>
  format === undefined && values === undefined && (pattern === undefined || new RegExp(pattern).test('NaN'));

/** The body as JSON, with the raw value of one field. */
const bodyWith = (body: Record<string, unknown>, field: string, raw: string): string =>
  JSON.stringify({ ...body, [field]: '@@' }).replace('"@@"', () => raw);

const short = (raw: string): string => (raw.length > 40 ? `${raw.slice(0, 10)}… (${raw.length})` : raw);

describe.runIf(hasDatabase())('57: every field of every write', () => {
  let app: TestApp;
  let ada: Api;
  let writes: Operation[];
  let weightId: string;
  let pulseId: string;
  let before: Record<string, unknown[]>;
  const answers = recordAnswers();
  beforeAll(async () => {
    app = await TestApp.start();
    ada = await personWith(app, 'admin');
    writes = (await operationsOf(app.api)).filter(({ body }) => body);
    weightId = (await ada.post(WEIGHT, weight)).body['id'];
    pulseId = (await ada.post('/api/health-metrics', reading('heart_rate'))).body['id'];
    before = await contents(app.db);
  });
  afterAll(() => app.stop());

  /** A body that is valid except for the bad value. */
  const valid = ({ id, body }: Operation): Record<string, unknown> => {
    const known: Record<string, Record<string, unknown>> = {
      register: { email: `${randomUUID()}@example.org` },
      login: { email: ada.account['email'] },
      refresh: { refresh_token: ada.account['refresh_token'] },
      logout: { refresh_token: ada.account['refresh_token'] },
      updateWeight: { weight_value: 80, unit: 'kg' },
      updateHealthMetric: { value: 61, unit: '/min' },
    };
    return { ...exampleOf(body!), ...known[id] };
  };

  const sendAs = (operation: Operation, body: string) =>
    ada.send(operation.method, operation.at(idFor(operation)), body);
  const idFor = ({ id }: Operation): string => (id === 'updateHealthMetric' ? pulseId : weightId);

  it('57: refuses every bad value with a 422 that names the field', async () => {
    const wrong: string[] = [];
    let tried = 0;
    for (const operation of writes)
      for (const [field, schema] of Object.entries(operation.body!.properties!))
        await Promise.all(
          badValues(schema).map(async (raw) => {
            const { status, body } = await sendAs(operation, bodyWith(valid(operation), field, raw));
            const named = ((body['errors'] ?? []) as { field: string }[]).map((error) => error.field);
            tried += 1;
            if (status !== 422 || !named.includes(field))
              wrong.push(`${operation.id}.${field} = ${short(raw)}: ${status} [${named.join()}]`);
          }),
        );
    expect(wrong).toEqual([]);
    expect(tried).toBeGreaterThan(400);
  });

  it('57: requires the fields that the document requires, by name', async () => {
    const wrong: string[] = [];
    for (const operation of writes)
      for (const field of operation.body!.required ?? []) {
        const { [field]: _, ...rest } = valid(operation);
        const { status, body } = await sendAs(operation, JSON.stringify(rest));
        const codes = ((body['errors'] ?? []) as { field: string; code: string }[])
          .filter((error) => error.field === field)
          .map(({ code }) => code);
        if (status !== 422 || codes.join() !== 'required')
          wrong.push(`${operation.id} without ${field}: ${status} ${JSON.stringify(body)}`);
      }
    expect(wrong).toEqual([]);
  });

  it('57: an entry of a sync is refused separately, with the name of its field', async () => {
    const operation = writes.find(({ id }) => id === 'pushWeights')!;
    const items = operation.body!.properties!['entries']!.items!;
    const wrong: string[] = [];
    for (const [field, schema] of Object.entries(items.properties!))
      for (const raw of badValues(schema)) {
        const { status, body } = await sendAs(
          operation,
          `{"entries":[${bodyWith(exampleOf(items), field, raw)}]}`,
        );
        const [first] = (body['rejected'] ?? []) as { field: string }[];
        if (status !== 200 || body['synced'].length > 0 || first?.field !== field)
          wrong.push(`entries.0.${field} = ${short(raw)}: ${status} ${JSON.stringify(body).slice(0, 200)}`);
      }
    expect(wrong).toEqual([]);
  });

  it('57: entries that are not objects are refused separately', async () => {
    const bad = [
      'null',
      '1',
      '"x"',
      'true',
      '[]',
      '{}',
      '[{}]',
      '1e309',
      '[[[[]]]]',
      '{"entries":[]}',
      '{"deleted":true}',
      '"\\ud800"',
    ];
    const { status, body } = await ada.send('POST', `${WEIGHT}/sync`, `{"entries":[${bad.join()}]}`);
    expect([status, body['synced'], body['conflicts']]).toEqual([200, [], []]);
    expect(body['rejected']).toHaveLength(bad.length);
  });

  it('57: a body that is not an object is refused', async () => {
    for (const operation of writes)
      for (const raw of ['null', '1', '"x"', 'true', '[]', '[{}]', '1e309']) {
        const { status, body } = await sendAs(operation, raw);
        expect([operation.id, raw, status, body['errors']?.[0].field]).toEqual([
          operation.id,
          raw,
          422,
          'body',
        ]);
      }
  });

  it('57: an unknown field is refused, whatever its name', async () => {
    const names = [
      'x',
      '',
      ' ',
      'toString',
      'valueOf',
      'hasOwnProperty',
      'then',
      'length',
      '0',
      '$property',
      '$&',
      '\u0000',
      'é',
      'a.b',
      'weightValue',
    ];
    const wrong: string[] = [];
    for (const operation of writes)
      for (const name of names) {
        const { status, body } = await sendAs(operation, JSON.stringify({ ...valid(operation), [name]: 1 }));
        const named = ((body['errors'] ?? []) as { field: string }[]).map((error) => error.field);
        if (status !== 422 || !named.includes(name || 'body'))
          wrong.push(`${operation.id} with ${JSON.stringify(name)}: ${status} [${named.join()}]`);
      }
    expect(wrong).toEqual([]);
  });

  it('57: a megabyte of unknown fields is refused with a small answer, in the time that reading takes', async () => {
    const many = Object.fromEntries(Array.from({ length: 90_000 }, (_, index) => [`f${index}`, 1]));
    for (const body of [many, { entries: [many] }, { email: many }, { entries: { x: many } }]) {
      const text = JSON.stringify(body);
      const spent = await processorTime(async () => {
        const answer = await ada.post(`${WEIGHT}/sync`, text);
        expect([answer.status, JSON.stringify(answer.body).length < 1_000]).toEqual([400, true]);
      });
      // To compare all fields with each other takes ten seconds.
      expect(spent).toBeLessThan(1_500);
    }
  });

  it('57: nothing of this was stored', async () => {
    expect(await contents(app.db)).toEqual(before);
  });

  it('57: other scripts, right-to-left marks and emoji are valid text', async () => {
    for (const name of ['עברית \u200f', '👩🏽‍🚀', 'é́́', 'NaN', 'null', "O'Brien; DROP TABLE users"]) {
      const { status, body } = await ada.patch('/api/users/me', { display_name: name });
      expect([status, body['display_name']]).toEqual([200, name]);
    }
  });

  it('57: characters are counted as in the columns, including variation selectors', async () => {
    const hearts = (count: number) => '❤️'.repeat(count);
    const meals = [mealFields({ title: hearts(100) }), mealFields({ title: hearts(101) })] as const;
    const answers = [await ada.post('/api/meals', meals[0]), await ada.post('/api/meals', meals[1])];
    expect(answers.map(({ status }) => status)).toEqual([201, 422]);
    expect(answers[1]?.body['errors'][0]).toMatchObject({ field: 'title', code: 'out-of-range' });
    expect((await ada.patch('/api/users/me', { display_name: hearts(50) })).status).toBe(200);
    expect((await ada.patch('/api/users/me', { display_name: hearts(51) })).status).toBe(422);

    const phone = await new Device(ada).ready();
    const results = await phone.push(...meals.map((fields) => phone.create('meal', fields)));
    expect(results.map(({ status }) => status)).toEqual(['applied', 'rejected']);
    expect(results[1]?.['error']).toMatchObject({ field: 'fields.title', code: 'out-of-range' });

    const sync = await push(ada, entry(hearts(32)), entry(hearts(33)));
    expect([sync.status, sync.body['synced'].length]).toEqual([200, 1]);
    expect(sync.body['rejected']).toMatchObject([{ field: 'local_id', code: 'out-of-range' }]);
  });

  it('57: a changed list is checked to the last field of each entry', async () => {
    const phone = await new Device(ada).ready();
    const meal = phone.create('meal', mealFields());
    await phone.push(meal);
    const target = { kind: 'meal', id: meal['id'], version: 1 };
    const items = [{ quantity: 80, unit: 'g' }];
    const [result] = await phone.push(phone.update(target, { items }));
    expect(result).toMatchObject({
      status: 'rejected',
      error: { code: 'required', field: 'fields.items.0.name' },
    });
    expect((await ada.put(`/api/meals/${meal['id']}`, { items })).status).toBe(422);
  });

  it('64: prototypes are not polluted, and another person’s answers are unchanged', async () => {
    expect(Object.keys(Object.prototype)).toEqual([]);
    for (const name of ['role', 'polluted', 'x'])
      expect(({} as Record<string, unknown>)[name]).toBeUndefined();
    const eve = await app.api.register();
    expect((await eve.get(WEIGHT)).body).toEqual({
      data: [],
      pagination: { total: 0, limit: 100, offset: 0 },
    });
    const { status, body } = await eve.post(WEIGHT, weight);
    expect([status, body['weight_value'], body['version']]).toEqual([201, 75.5, 1]);
  });

  everyAnswer(answers);
});
