import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle as exampleBundle } from '../../../src/modules/health/fhir/fhir.examples.js';
import { rangeIn, toCanonical, unitOf } from '../../../src/modules/health/health-metrics/metric-kinds.js';
import { TestApp } from '../../support/app.js';
import { DAY, fromNow } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import {
  enteredOf,
  faultsOf,
  faultsOfBundle,
  observationCategories,
  pagesOf,
  resourcesOf,
} from '../../support/fhir.js';
import { personWith } from '../../support/people.js';
import { chooseSeed, seededRandom } from '../../support/random.js';
import { AT, bulk, kindNamed, reading, READINGS, writtenKinds } from '../../support/readings.js';
import type { Wire } from '../../support/sync.js';

const FHIR = `${READINGS}/fhir`;

describe.runIf(hasDatabase())('FHIR R4', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  it('of every kind in every unit is valid, and says what was entered and what it is in the canonical unit', async () => {
    const random = seededRandom(chooseSeed());
    const readings = writtenKinds.flatMap((kind) =>
      kind.units.flatMap((unit) =>
        [0, 1, random(), random()].map((share, index) => {
          const between = ([low, high]: readonly [number, number]) =>
            share === 1 ? high : low + share * (high - low);
          const context = kind.contexts[Math.floor(random() * kind.contexts.length)] ?? null;
          const more = { id: randomUUID(), unit: index === 3 ? unit.ucum : unit.unit, context };
          return kind.components.length > 0
            ? reading(kind.name, {
                ...more,
                components: {
                  systolic: between(rangeIn(unit, [220.1, 320])),
                  diastolic: between(rangeIn(unit, [20, 220])),
                  ...(index % 2 === 0 && { pulse: between([15, 320]) }),
                },
              })
            : reading(kind.name, { ...more, value: between(rangeIn(unit, kind.hard)) });
        }),
      ),
    );
    const ada = await app.api.register({ time_zone: 'Asia/Kathmandu' });
    for (let from = 0; from < readings.length; from += 400)
      expect(
        (await bulk(ada, readings.slice(from, from + 400))).filter(({ status }) => status !== 'created'),
      ).toEqual([]);
    const pages = await pagesOf(ada, `${FHIR}?limit=40`);
    expect(pages.length).toBe(Math.ceil(readings.length / 40));
    expect(faultsOf(pages)).toEqual([]);
    const observations = new Map(resourcesOf(pages).map((one) => [one['id'] as string, one]));
    expect(observations.size).toBe(readings.length);
    for (const wanted of readings) {
      const found = observations.get(wanted['id'] as string) as Wire;
      const kind = kindNamed(wanted['metric'] as string);
      const factor = unitOf(kind, wanted['unit'] as string)!;
      expect(found['code']).toEqual(
        kind.loinc === null
          ? { text: kind.label }
          : { coding: [{ system: 'http://loinc.org', code: kind.loinc }], text: kind.label },
      );
      if (kind.components.length === 0) {
        const { valueQuantity } = found;
        expect([kind.name, enteredOf(valueQuantity)]).toEqual([
          kind.name,
          { value: wanted['value'], unit: wanted['unit'] },
        ]);
        expect([kind.name, valueQuantity.value, valueQuantity.code]).toEqual([
          kind.name,
          toCanonical(wanted['value'] as number, factor),
          kind.units[0]?.ucum,
        ]);
      } else {
        const parts = (found['component'] as Wire[]).map(({ code, valueQuantity }) => [
          code.text,
          enteredOf(valueQuantity),
        ]);
        const { systolic, diastolic, pulse } = wanted['components'] as Wire;
        expect(parts).toEqual([
          ['Systolic', { value: systolic, unit: wanted['unit'] }],
          ['Diastolic', { value: diastolic, unit: wanted['unit'] }],
          ...(pulse === undefined ? [] : [['Pulse', { value: pulse, unit: '/min' }]]),
        ]);
      }
    }
  });

  it('shows source, device, note, modality, place and circumstance, and a person only by an id', async () => {
    const ada = await app.api.register();
    const shared = { source: 'healthkit', device: 'Watch', modality: 'sensed', note: 'Before getting up' };
    await bulk(ada, [
      reading('heart_rate', { ...shared, context: 'at_rest', external_id: 'A-1', value: 230 }),
      reading('blood_pressure', {
        unit: 'kPa',
        context: 'left_upper_arm',
        components: { systolic: 17.1, diastolic: 10.9 },
      }),
      reading('steps', {}),
    ]);
    const pages = await pagesOf(ada, FHIR);
    expect(faultsOf(pages)).toEqual([]);
    const byName = new Map(resourcesOf(pages).map((one) => [one['code'].text as string, one]));
    const source = 'http://localhost:3000/api/sources/healthkit';
    expect(byName.get('Heart rate')).toMatchObject({
      meta: { versionId: '1', source },
      contained: [{ resourceType: 'Device', id: 'device', deviceName: [{ name: 'Watch' }] }],
      identifier: [{ system: source, value: 'A-1' }],
      subject: { reference: `Patient/${ada.userId}` },
      effectiveDateTime: '2026-01-06T07:40:00.000+01:00',
      interpretation: [{ text: 'implausible' }],
      note: [{ text: 'Before getting up' }],
      method: { text: 'sensed' },
      device: { reference: '#device' },
      component: [{ code: { text: 'Context' }, valueCodeableConcept: { text: 'at_rest' } }],
    });
    expect(byName.get('Blood pressure')).toMatchObject({ bodySite: { text: 'left upper arm' } });
    expect(byName.get('Steps')?.['effectivePeriod']).toEqual({
      start: '2026-01-06T07:40:00.000+01:00',
      end: '2026-01-06T07:50:00.000+01:00',
    });
    expect(JSON.stringify(pages)).not.toContain(ada.account['email']);
  });

  it('has weights beside the other kinds, in the order of time, and kinds of one’s own by their names', async () => {
    const ada = await app.api.register();
    const { body: own } = await ada.post('/api/custom-metrics', {
      name: 'Coffee',
      unit: 'cups',
      roll_up: 'sum',
    });
    const at = (minute: number): string => `2026-01-06T06:${minute}:00.000Z`;
    await ada.post(`${READINGS}/weight`, { weight_value: 11.8, unit: 'st', timestamp: at(41) });
    await bulk(ada, [
      reading('heart_rate', { measured_at: at(40) }),
      reading('body_temperature', { measured_at: at(42), unit: 'degF', value: 98.6 }),
      {
        ...reading('heart_rate', { measured_at: at(43) }),
        metric: `custom:${own['id']}`,
        value: 2.5,
        unit: 'cups',
      },
    ]);
    const pages = await pagesOf(ada, `${FHIR}?limit=1`);
    expect(faultsOf(pages)).toEqual([]);
    expect(resourcesOf(pages).map(({ code }) => code.text)).toEqual([
      'Coffee',
      'Body temperature',
      'Body weight',
      'Heart rate',
    ]);
    const [coffee, , weight] = resourcesOf(pages) as [Wire, Wire, Wire];
    expect(enteredOf(weight['valueQuantity'])).toEqual({ value: 11.8, unit: 'st' });
    expect(weight['valueQuantity']).toMatchObject({ value: 74.93346, code: 'kg' });
    expect([enteredOf(coffee['valueQuantity']), coffee['category']]).toEqual([
      { value: 2.5, unit: 'cups' },
      undefined,
    ]);
    await ada.delete(`/api/custom-metrics/${own['id']}`);
    expect(faultsOf(await pagesOf(ada, FHIR))).toEqual([]);
  });

  it('skips and repeats nothing at one instant, whatever a page holds, and while more is stored', async () => {
    const ada = await app.api.register();
    const ids = Array.from({ length: 7 }, () => randomUUID());
    await bulk(
      ada,
      ids.map((id) => reading('heart_rate', { id })),
    );
    for (const id of ids.slice(0, 4))
      await ada.post(`${READINGS}/weight`, { id, weight_value: 70, unit: 'kg', timestamp: AT });
    const all = resourcesOf(await pagesOf(ada, FHIR)).map(({ id, code }) => `${code.text} ${id}`);
    expect(new Set(all).size).toBe(11);
    for (const limit of [1, 2, 3, 5]) {
      const found = resourcesOf(await pagesOf(ada, `${FHIR}?limit=${limit}`)).map(
        ({ id, code }) => `${code.text} ${id}`,
      );
      expect(found).toEqual(all);
    }
    const { body } = await ada.get(`${FHIR}?limit=5`);
    const next = new URL((body['link'] as Wire[])[1]?.['url']);
    await ada.post(READINGS, reading('heart_rate', { measured_at: '2026-01-07T06:40:00.000Z' }));
    const rest = resourcesOf(await pagesOf(ada, next.pathname + next.search)).map(
      ({ id, code }) => `${code.text} ${id}`,
    );
    expect(rest).toEqual(all.slice(5));
  });

  it('ends a page before it is larger than a page may be', async () => {
    const ada = await app.api.register();
    const note = 'é'.repeat(1_000);
    for (const part of [0, 1])
      await bulk(
        ada,
        Array.from({ length: 250 }, (_, index) =>
          reading('heart_rate', { note, id: randomUUID(), value: 40 + part + index / 1_000 }),
        ),
      );
    const pages = await pagesOf(ada, `${FHIR}?limit=500`);
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.map((page) => Buffer.byteLength(JSON.stringify(page)) < 1_300_000)).toEqual(
      pages.map(() => true),
    );
    expect(resourcesOf(pages).length).toBe(500);
  });

  it('limits the local days, and refuses a wrong period and a cursor of another list', async () => {
    const ada = await app.api.register({ time_zone: 'Pacific/Kiritimati' });
    await bulk(ada, [
      reading('heart_rate', { time_zone: 'Pacific/Kiritimati', measured_at: '2026-01-06T10:30:00Z' }),
      reading('heart_rate', { time_zone: 'Pacific/Pago_Pago', measured_at: '2026-01-07T10:30:00Z' }),
    ]);
    const days = resourcesOf(await pagesOf(ada, `${FHIR}?from=2026-01-06&to=2026-01-06`));
    expect(days.map(({ effectiveDateTime }) => effectiveDateTime)).toEqual(['2026-01-06T23:30:00.000-11:00']);
    const { body } = await ada.get(`${FHIR}?limit=1`);
    const cursor = new URL((body['link'] as Wire[])[1]?.['url']).searchParams.get('cursor');
    const other = await app.api.register();
    const none = await other.get(FHIR);
    expect([none.body['entry'], faultsOfBundle(none.body)]).toEqual([undefined, []]);
    for (const [api, query, field] of [
      [ada, 'from=2026-01-07&to=2026-01-06', 'to'],
      [ada, `limit=1&from=2026-01-01&cursor=${cursor}`, 'cursor'],
      [other, `cursor=${cursor}`, 'cursor'],
      [ada, 'limit=501', 'limit'],
    ] as const) {
      const answer = await api.get(`${FHIR}?${query}`);
      expect([query, answer.status, answer.body['errors']?.[0].field]).toEqual([query, 422, field]);
    }
  });

  it('of sleep has the time asleep, and totals, averages and stages as components', async () => {
    const ada = await app.api.register();
    const stages = [
      { stage: 'light', started_at: '2026-01-05T22:30:00Z', ended_at: '2026-01-06T01:00:00Z' },
      { stage: 'deep', started_at: '2026-01-06T01:00:00Z', ended_at: '2026-01-06T02:00:00Z' },
      { stage: 'awake', started_at: '2026-01-06T02:00:00Z', ended_at: '2026-01-06T02:10:00Z' },
    ];
    const night = {
      started_at: '2026-01-05T22:30:00Z',
      ended_at: '2026-01-06T06:00:00Z',
      time_zone: 'Europe/Berlin',
      is_nap: false,
      source: 'healthkit',
    };
    for (const body of [
      { ...night, stages, device: 'Ring', average_heart_rate: 54, score: 84, external_id: 'n-1' },
      {
        ...night,
        stages: [{ stage: 'in_bed', started_at: night.started_at, ended_at: night.ended_at }],
        source: 'phone',
      },
      {
        date: '2026-01-04',
        minutes_asleep: 415,
        minutes_in_bed: 450,
        time_zone: 'Europe/Berlin',
        is_nap: true,
        source: 'fitbit',
      },
    ])
      expect((await ada.post('/api/sleep', body)).status).toBe(201);
    const pages = await pagesOf(ada, '/api/sleep/fhir?limit=2');
    expect(faultsOf(pages)).toEqual([]);
    const all = resourcesOf(pages);
    expect(all.map(({ code }) => code.text)).toEqual(['Sleep', 'Sleep', 'Nap']);
    const ring = all.find(({ device }) => device !== undefined);
    expect(ring).toMatchObject({
      effectivePeriod: { start: '2026-01-05T23:30:00.000+01:00', end: '2026-01-06T07:00:00.000+01:00' },
      valueQuantity: { value: 12_600, code: 's' },
      component: expect.arrayContaining([
        {
          code: { text: 'Deep sleep' },
          valueQuantity: { value: 3_600, unit: 's', system: 'http://unitsofmeasure.org', code: 's' },
        },
        { code: { text: 'Average heart rate' }, valueQuantity: expect.objectContaining({ value: 54 }) },
        {
          code: { text: 'Stage deep' },
          valuePeriod: { start: '2026-01-06T02:00:00.000+01:00', end: '2026-01-06T03:00:00.000+01:00' },
        },
      ]),
    });
    expect(all.find(({ meta }) => meta.source.endsWith('/phone'))).toMatchObject({
      dataAbsentReason: { coding: [{ code: 'unknown' }] },
    });
    const nap = all.find(({ code }) => code.text === 'Nap') as Wire;
    expect([nap['effectiveDateTime'], enteredOf(nap['valueQuantity'])]).toEqual([
      '2026-01-04',
      { value: 415, unit: 'min' },
    ]);
  });

  it('needs the scope of what it reads, and links keep the owner whose data is read', async () => {
    const ada = await app.api.register();
    await bulk(ada, [reading('heart_rate', {}), reading('steps', {})]);
    const { body: key } = await ada.post('/api/api-keys', { name: 'A clinic', scopes: ['metrics:read'] });
    const clinic = app.api.bearer(key['key'] as string);
    expect((await clinic.get(FHIR)).status).toBe(200);
    expect((await clinic.get('/api/sleep/fhir')).body['type']).toBe('/problems/insufficient-scope');
    const coach = await personWith(app, 'coach');
    expect((await coach.get(`${FHIR}?owner_id=${ada.userId}`)).status).toBe(404);
    const grant = { email: coach.account['email'], scopes: ['metrics:read'], until: fromNow(DAY) };
    expect((await ada.post('/api/users/me/grants', grant)).status).toBe(201);
    await coach.get('/api/users/me/grants/received');
    expect(resourcesOf(await pagesOf(coach, `${FHIR}?limit=1&owner_id=${ada.userId}`)).length).toBe(2);
    expect(resourcesOf(await pagesOf(coach, FHIR))).toEqual([]);
  });
});

describe('the validators of FHIR R4', () => {
  const valid = (): Wire => structuredClone(exampleBundle.morning.value) as Wire;
  const damaged = (damage: (pressure: Wire, pulse: Wire) => void): string[] => {
    const whole = valid();
    const [pressure, pulse] = resourcesOf([whole]) as [Wire, Wire];
    damage(pressure, pulse);
    return faultsOfBundle(whole);
  };

  it('accept the examples of the documents', () => {
    for (const { value } of Object.values(exampleBundle)) expect(faultsOfBundle(value)).toEqual([]);
    expect(observationCategories()).toEqual(
      expect.arrayContaining(['activity', 'exam', 'laboratory', 'social-history', 'survey', 'vital-signs']),
    );
  });

  it.each<[string, (pressure: Wire, pulse: Wire) => void]>([
    ['a status that does not exist', (one) => void (one['status'] = 'done')],
    ['a field that does not exist', (one) => void (one['measured_at'] = AT)],
    ['a missing code', (one) => void delete one['code']],
    ['a missing category', (one) => void delete one['category']],
    ['a code of another profile', (_, one) => void (one['code'].coding[0].code = '8302-2')],
    ['a unit of another profile', (_, one) => void (one['valueQuantity'].code = 'kPa')],
    ['a component in another unit', (one) => void (one['component'][0].valueQuantity.code = 'kPa')],
    ['a missing component', (one) => void one['component'].pop()],
    ['a time without an offset', (one) => void (one['effectiveDateTime'] = '2026-01-06T07:40:00')],
    ['a unit without a system', (_, one) => void delete one['valueQuantity'].system],
    ['an empty list', (_, one) => void (one['note'] = [])],
  ])('refuse %s', (_, damage) => {
    expect(damaged(damage)).not.toEqual([]);
  });
});
