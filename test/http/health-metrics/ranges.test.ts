import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rangeIn } from '../../../src/modules/health/health-metrics/metric-kinds.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { bulk, reading, READINGS, writtenKinds } from '../../support/readings.js';
import type { Wire } from '../../support/sync.js';

describe.runIf(hasDatabase())('the ranges of health metrics', () => {
  let app: TestApp;
  let ada: Api;
  beforeAll(async () => {
    app = await TestApp.start();
    ada = await app.api.register();
  });
  afterAll(() => app.stop());

  const total = async (): Promise<number> => (await ada.get(READINGS)).body['pagination'].total as number;
  const errorOf = async (body: Wire): Promise<Wire> => {
    const before = await total();
    const { status, body: problem } = await ada.post(READINGS, body);
    expect([body, status]).toEqual([body, 422]);
    expect(await total()).toBe(before);
    return problem['errors'][0] as Wire;
  };

  it('a value outside is refused with the range in the unit in which it was entered', async () => {
    const beyond: Wire[] = [];
    const messages: string[] = [];
    for (const { name, units, hard } of writtenKinds.filter(({ components }) => components.length === 0))
      for (const unit of units) {
        const [minimum, maximum] = rangeIn(unit, hard);
        for (const value of [minimum - 0.01, maximum + 0.01]) {
          beyond.push(reading(name, { unit: unit.unit, value }));
          messages.push(`value must be from ${minimum} to ${maximum} ${unit.unit}`);
        }
      }
    const results = await bulk(ada, beyond);
    expect(results.map(({ error }) => error)).toEqual(
      messages.map((message) => ({ field: 'value', code: 'out-of-range', message })),
    );
    expect(await total()).toBe(0);
    expect(await errorOf(reading('body_temperature', { unit: 'degF', value: 200 }))).toEqual({
      field: 'value',
      code: 'out-of-range',
      message: 'value must be from 77 to 114.8 degF',
    });
  });

  it('a value outside the usual range is stored and flagged', async () => {
    const usual = await ada.post(READINGS, reading('heart_rate', { value: 70 }));
    const unusual = await ada.post(READINGS, reading('heart_rate', { value: 230 }));
    expect([usual.status, usual.body['flags'], unusual.status, unusual.body['flags']]).toEqual([
      201,
      [],
      201,
      ['implausible'],
    ]);
    const path = `${READINGS}/heart_rate/${unusual.body['id']}`;
    expect((await ada.patch(path, { value: 70, unit: '/min' })).body['flags']).toEqual([]);
  });

  it('a fraction is a unit of its own and never a percentage', async () => {
    const { body } = await ada.post(
      READINGS,
      reading('oxygen_saturation', { value: 0.97, unit: 'fraction' }),
    );
    expect(body).toMatchObject({ value: 0.97, unit: 'fraction', canonical_value: 97 });
    const error = await errorOf(reading('oxygen_saturation', { value: 0.97, unit: '%' }));
    expect(error).toMatchObject({ field: 'value', message: 'value must be from 30 to 100 %' });
  });

  it('a unit of another kind is refused with the units of this one', async () => {
    const error = await errorOf({ ...reading('heart_rate'), unit: 'kg' });
    expect(error).toEqual({
      field: 'unit',
      code: 'not-allowed',
      message: 'unit of heart_rate must be one of: /min',
    });
  });

  it('a blood pressure is one reading, whose systolic value is the greater', async () => {
    const pressure = (systolic: number, diastolic: number, more: Wire = {}) =>
      reading('blood_pressure', { components: { systolic, diastolic, ...more } });
    expect((await ada.post(READINGS, pressure(128, 82, { pulse: 64 }))).body).toMatchObject({
      value: null,
      unit: 'mmHg',
      components: { systolic: 128, diastolic: 82, pulse: 64 },
      flags: [],
    });
    expect((await ada.post(READINGS, pressure(210, 82))).body['flags']).toEqual(['implausible']);
    expect((await ada.post(READINGS, pressure(128, 82, { pulse: 30 }))).body['flags']).toEqual([
      'implausible',
    ]);
    for (const [bad, field] of [
      [pressure(82, 128), 'components.systolic'],
      [pressure(90, 90), 'components.systolic'],
      [pressure(330, 90), 'components.systolic'],
      [pressure(120, 10), 'components.diastolic'],
      [pressure(120, 80, { pulse: 3 }), 'components.pulse'],
      [{ ...pressure(120, 80), value: 120 }, 'value'],
      [{ ...pressure(120, 80), components: null }, 'components'],
      [{ ...reading('heart_rate'), components: { systolic: 120, diastolic: 80 } }, 'components'],
      [{ ...reading('heart_rate'), value: null }, 'value'],
    ] as const)
      expect([bad, (await errorOf(bad))['field']]).toEqual([bad, field]);
  });

  it('names what else is wrong', async () => {
    const at = '2026-01-06T06:40:00.000Z';
    for (const [bad, field, text] of [
      [{ ...reading('steps'), ended_at: null }, 'ended_at', 'required'],
      [{ ...reading('steps'), ended_at: '2026-01-06T06:39:59.999Z' }, 'ended_at', 'at most 26 hours'],
      [{ ...reading('steps'), ended_at: at }, 'ended_at', 'must be after measured_at'],
      [{ ...reading('steps'), ended_at: '2026-01-07T08:40:00.001Z' }, 'ended_at', 'at most 26 hours'],
      [{ ...reading('heart_rate'), ended_at: at }, 'ended_at', 'one instant'],
      [{ ...reading('blood_glucose'), context: 'at_rest' }, 'context', 'fasting'],
      [{ ...reading('hrv_sdnn'), context: 'fasting' }, 'context', 'no contexts'],
      [{ ...reading('heart_rate'), metric: 'aura' }, 'metric', '/api/health-metrics/kinds'],
      [{ ...reading('heart_rate'), metric: 'body_weight' }, 'metric', '/api/health-metrics/weight'],
      [{ ...reading('bmi'), source: 'manual' }, 'metric', 'computed'],
      [{ ...reading('heart_rate'), time_zone: 'Mars/Olympus' }, 'time_zone', 'time zone'],
      [{ ...reading('heart_rate'), measured_at: '2026-01-06T06:40:00' }, 'measured_at', 'offset'],
      [{ ...reading('heart_rate'), source: 'my phone!' }, 'source', 'letters'],
    ] as const) {
      const error = await errorOf(bad);
      expect([error['field'], error['message']]).toEqual([field, expect.stringContaining(text)]);
    }
  });

  it('a change must leave the whole reading valid', async () => {
    const { body } = await ada.post(READINGS, reading('steps'));
    const path = `${READINGS}/steps/${body['id']}`;
    for (const [change, field] of [
      [{ measured_at: '2026-01-06T06:50:00.001Z' }, 'ended_at'],
      [{ ended_at: null }, 'ended_at'],
      [{ context: 'fasting' }, 'context'],
      [{ value: 200_001, unit: 'steps' }, 'value'],
      [{ external_id: 'x' }, 'external_id'],
    ] as const) {
      const answer = await ada.patch(path, change);
      expect([change, answer.status, answer.body['errors'][0].field]).toEqual([change, 422, field]);
    }
    expect((await ada.get(path)).body).toEqual(body);
  });
});
