import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rangeIn } from '../../../src/modules/health/health-metrics/metric-kinds.js';
import { UnitOfWork } from '../../../src/platform/database/unit-of-work.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { chooseSeed, seededRandom } from '../../support/random.js';
import { bulk, listAll, reading, READINGS, writtenKinds } from '../../support/readings.js';
import { Device, drainSync, shown, type Wire } from '../../support/sync.js';

/** What was entered of a reading: the values and the unit. */
const entered = ({ value = null, components, unit }: Wire): Wire => ({
  value,
  components: components ? { pulse: null, ...components } : null,
  unit,
});
const byId = (rows: readonly Wire[]): Map<string, Wire> => new Map(rows.map((row) => [row['id'], row]));

describe.runIf(hasDatabase())('what was entered is what is answered', () => {
  let app: TestApp;
  let ada: Api;
  const readings: Wire[] = [];
  beforeAll(async () => {
    app = await TestApp.start();
    ada = await app.api.register();
    const random = seededRandom(chooseSeed());
    for (const kind of writtenKinds)
      for (const unit of kind.units)
        for (const share of [0, 1, random(), random()]) {
          const between = ([low, high]: readonly [number, number]) =>
            share === 1 ? high : low + share * (high - low);
          const [systolic, diastolic] = kind.components;
          const id = randomUUID();
          readings.push(
            systolic && diastolic
              ? {
                  ...reading(kind.name, { id, unit: unit.unit }),
                  components: {
                    systolic: between(rangeIn(unit, [220.1, 320])),
                    diastolic: between(rangeIn(unit, [20, 220])),
                    pulse: between([15, 320]),
                  },
                }
              : reading(kind.name, { id, unit: unit.unit, value: between(rangeIn(unit, kind.hard)) }),
          );
        }
  });
  afterAll(() => app.stop());

  const expectEntered = (rows: ReadonlyMap<string, Wire>): void => {
    for (const wanted of readings) {
      const found = rows.get(wanted['id'] as string);
      expect([wanted['metric'], found && entered(found)]).toEqual([wanted['metric'], entered(wanted)]);
    }
  };

  it('for every kind and every unit, in lists and by sync', async () => {
    expect(readings.length).toBeGreaterThan(writtenKinds.length * 4);
    const results: Wire[] = [];
    for (let from = 0; from < readings.length; from += 400)
      results.push(...(await bulk(ada, readings.slice(from, from + 400))));
    expect(results.filter(({ status }) => status !== 'created')).toEqual([]);
    expectEntered(byId(await listAll(ada, READINGS)));
    const synced = shown((await drainSync(ada)).changes);
    expectEntered(new Map([...synced].map(([id, change]) => [id, change['data'] as Wire])));
  });

  it('and stays so when other fields change, by REST and by sync', async () => {
    const device = await new Device(ada).ready();
    const some = readings.filter((_, index) => index % 7 === 0).slice(0, 40);
    for (const { id, metric } of some) {
      const path = `${READINGS}/${metric}/${id}`;
      const { status, body } = await ada.patch(path, { note: 'corrected', context: null });
      expect([status, body['version']]).toEqual([200, 2]);
    }
    const updates = some.map(({ id }) =>
      device.update({ kind: 'health_metric', id, version: 2 }, { device: 'Another' }),
    );
    expect((await device.push(...updates)).map(({ status }) => status)).toEqual(some.map(() => 'applied'));
    for (const wanted of some) {
      const { body } = await ada.get(`${READINGS}/${wanted['metric']}/${wanted['id']}`);
      expect(entered(body)).toEqual(entered(wanted));
      expect(body).toMatchObject({ note: 'corrected', device: 'Another', version: 3 });
    }
  });

  it('and survives a merge: one phone changed the note, another the value', async () => {
    const [one, other] = [await new Device(ada).ready(), await new Device(ada).ready()];
    const fields = reading('blood_glucose', { unit: 'mmol/L', value: 5.55, note: null });
    const creation = one.create('health_metric', fields);
    await one.push(creation);
    const target = { kind: 'health_metric', id: creation['id'], version: 1 };
    const { note: _, ...values } = fields;
    await one.push(one.update(target, { note: 'after lunch' }));
    const [merged] = await other.push(other.update(target, { ...values, value: 6.1000000001 }));
    expect(merged?.['status']).toBe('applied');
    const { body } = await ada.get(`${READINGS}/blood_glucose/${creation['id']}`);
    expect(body).toMatchObject({ value: 6.1000000001, unit: 'mmol/L', note: 'after lunch' });
    expect(body['canonical_value']).toBeCloseTo(109.89516, 5);
  });

  it('a value without its unit is refused, and so is a unit without its value', async () => {
    const { body } = await ada.post(READINGS, reading('heart_rate'));
    const path = `${READINGS}/heart_rate/${body['id']}`;
    for (const [part, field] of [
      [{ value: 60 }, 'unit'],
      [{ unit: '/min' }, 'value'],
    ] as const) {
      const answer = await ada.patch(path, part);
      expect([answer.status, answer.body['errors'][0].field]).toEqual([422, field]);
    }
    expect((await ada.get(path)).body).toEqual(body);
  });

  it('takes the UCUM code of a unit, and answers it', async () => {
    const { status, body } = await ada.post(READINGS, {
      ...reading('body_temperature'),
      value: 98.6,
      unit: '[degF]',
    });
    expect([status, body['unit'], body['value'], body['canonical_value']]).toEqual([201, '[degF]', 98.6, 37]);
  });

  it('a blood pressure has its components in canonical units beside those that were entered', async () => {
    const components = { systolic: 17.1, diastolic: 10.9, pulse: 64 };
    const { body } = await ada.post(READINGS, reading('blood_pressure', { unit: 'kPa', components }));
    expect(body).toMatchObject({
      unit: 'kPa',
      components,
      systolic_mmhg: 128.260902,
      diastolic_mmhg: 81.756949,
      pulse_per_min: 64,
      local_hour: 7,
    });
    const mood = (await ada.post(READINGS, reading('mood'))).body;
    expect(mood).toMatchObject({ systolic_mmhg: null, diastolic_mmhg: null, pulse_per_min: null });
  });

  it('a change of the note leaves the local day as it was computed when the reading was entered', async () => {
    const { body } = await ada.post(READINGS, reading('mood'));
    // As if the rules of the zone had been others then.
    await app.app
      .get(UnitOfWork)
      .run(() =>
        app.db.execute('UPDATE health_metrics SET local_date = ?, local_hour = 23 WHERE id = ?', [
          '2026-01-05',
          body['id'],
        ]),
      );
    const path = `${READINGS}/mood/${body['id']}`;
    const noted = (await ada.patch(path, { note: 'slept well' })).body;
    expect(noted).toMatchObject({ local_date: '2026-01-05', local_hour: 23, note: 'slept well' });
    const moved = (await ada.patch(path, { measured_at: '2026-01-07T06:40:00.000Z' })).body;
    expect(moved).toMatchObject({ local_date: '2026-01-07', local_hour: 7 });
  });
});
