import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instantText } from '../../../src/platform/database/database.js';
import { UnitOfWork } from '../../../src/platform/database/unit-of-work.js';
import { TestApp } from '../../support/app.js';
import type { Api } from '../../support/api.js';
import { DAY, HOUR, MINUTE, TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { bulk, reading, READINGS } from '../../support/readings.js';
import { Device, type Wire } from '../../support/sync.js';
import { hasty, imported } from '../imports/support.js';

/*
 * The invariants of readings of the future. Each has tests that try to break it.
 * T1 No way stores a reading, a weight or a session of sleep of more than 24 hours after the time of the service.
 * T2 What is refused names its field, and changes nothing; the rest of a request or a file is stored.
 * T3 What was stored before the rule can be edited.
 */
const clock = new TestClock();
/** The instant this long after the time of the service. */
const after = (milliseconds: number): string => new Date(clock.now() + milliseconds).toISOString();
const pulseAt = (instant: string, more: Wire = {}): Wire =>
  reading('heart_rate', { measured_at: instant, ...more });
const WEIGHT = '/api/health-metrics/weight';
const MAPPING = {
  time_column: 'time',
  values: [{ column: 'pulse', metric: 'heart_rate', unit: '/min' }],
};
const nightAt = (endedAt: string, more: Wire = {}): Wire => ({
  started_at: new Date(Date.parse(endedAt) - 8 * HOUR).toISOString(),
  ended_at: endedAt,
  time_zone: 'UTC',
  is_nap: false,
  source: 'watch',
  ...more,
});

describe.runIf(hasDatabase())('readings of the future', () => {
  let app: TestApp;
  let ada: Api;
  beforeAll(async () => {
    app = await TestApp.start({ override: (builder) => hasty(clock.install(builder)) });
    ada = await app.api.register();
  });
  afterAll(() => app.stop());

  const totalOf = async (path: string): Promise<number> => (await ada.get(path)).body['pagination'].total;

  it('T1 T2 REST refuses them with the field', async () => {
    const near = await ada.post(READINGS, pulseAt(after(DAY - MINUTE)));
    expect(near.status).toBe(201);
    for (const [method, path, body] of [
      ['POST', READINGS, pulseAt(after(DAY + MINUTE))],
      ['PATCH', `${READINGS}/heart_rate/${near.body['id']}`, { measured_at: after(DAY + MINUTE) }],
      ['POST', READINGS, pulseAt(after(8_000 * DAY))],
    ] as const) {
      const answer = await ada.send(method, path, body);
      expect([answer.status, answer.body['errors']]).toMatchObject([
        422,
        [{ field: 'measured_at', code: 'out-of-range' }],
      ]);
    }
    const results = await bulk(ada, [pulseAt(after(2 * DAY)), pulseAt(after(-HOUR))]);
    expect(results).toMatchObject([
      { status: 'rejected', error: { field: 'measured_at', code: 'out-of-range' } },
      { status: 'created' },
    ]);
    expect(await totalOf(`${READINGS}/heart_rate`)).toBe(2);
  });

  it('T1 T2 a weight is refused by REST, by both ways of sync and in a file, and what comes with it is stored', async () => {
    const bob = await app.api.register({ time_zone: 'UTC' });
    const [tooLate, wrong] = [after(DAY + MINUTE), { field: 'timestamp', code: 'out-of-range' }];
    const weightAt = (timestamp: string): Wire => ({ weight_value: 80, unit: 'kg', timestamp });
    const near = await bob.post(WEIGHT, weightAt(after(DAY - MINUTE)));
    expect(near.status).toBe(201);
    for (const answer of [
      await bob.post(WEIGHT, weightAt(tooLate)),
      await bob.send('PUT', `${WEIGHT}/${near.body['id']}`, { timestamp: tooLate }),
    ])
      expect([answer.status, answer.body['errors']]).toMatchObject([422, [wrong]]);
    const simple = await bob.post(`${WEIGHT}/sync`, {
      entries: [
        { local_id: 'late', ...weightAt(tooLate) },
        { local_id: 'sound', ...weightAt(after(-HOUR)) },
        { local_id: 'edit', server_id: near.body['id'], ...weightAt(tooLate) },
      ],
    });
    expect([simple.status, simple.body['rejected'], simple.body['synced']]).toMatchObject([
      200,
      [
        { local_id: 'late', ...wrong },
        { local_id: 'edit', ...wrong },
      ],
      [{ local_id: 'sound', status: 'created' }],
    ]);
    const phone = await new Device(bob).ready();
    expect(
      await phone.push(
        phone.create('weight', weightAt(tooLate)),
        phone.create('weight', weightAt(after(-2 * HOUR))),
      ),
    ).toMatchObject([
      { status: 'rejected', error: { code: 'out-of-range', field: 'fields.timestamp' } },
      { status: 'applied' },
    ]);
    const rows = [after(-3 * HOUR), tooLate].map((at) => `${at},62`);
    expect(
      await imported(bob, { content: ['time,weight (kg)', ...rows, ''].join('\n'), query: '?format=csv' }),
    ).toMatchObject({ rows_failed: 1, records_created: 1, errors: [{ line: 3, ...wrong }] });
    expect((await bob.get(`${WEIGHT}?limit=1`)).body).toMatchObject({
      data: [{ id: near.body['id'], version: 1 }],
      pagination: { total: 4 },
    });
  });

  it('T1 T2 sleep is refused by its end, or by its day where only that is known', async () => {
    const day = (milliseconds: number): Wire =>
      nightAt(after(0), {
        started_at: null,
        ended_at: null,
        date: after(milliseconds).slice(0, 10),
        minutes_asleep: 400,
      });
    const night = await ada.post('/api/sleep', nightAt(after(-HOUR)));
    expect(night.status).toBe(201);
    expect((await ada.post('/api/sleep', day(0))).status).toBe(201);
    for (const [body, field] of [
      [nightAt(after(DAY + MINUTE)), 'ended_at'],
      [day(3 * DAY), 'date'],
    ] as const) {
      const answer = await ada.post('/api/sleep', body);
      expect([answer.status, answer.body['errors']]).toMatchObject([422, [{ field, code: 'out-of-range' }]]);
    }
    expect(await totalOf('/api/sleep')).toBe(2);
  });

  it('T1 T2 a push rejects the mutation with the code and the field, and applies the others', async () => {
    const phone = await new Device(ada).ready();
    const results = await phone.push(
      phone.create('health_metric', pulseAt(after(2 * DAY))),
      phone.create('sleep', nightAt(after(2 * DAY))),
      phone.create('health_metric', pulseAt(after(-2 * HOUR))),
    );
    expect(results).toMatchObject([
      { status: 'rejected', error: { code: 'out-of-range', field: 'fields.measured_at' } },
      { status: 'rejected', error: { code: 'out-of-range', field: 'fields.ended_at' } },
      { status: 'applied' },
    ]);
  });

  it('T1 T2 an import counts such a row as failed, with its line, and goes on; a dry run says the same', async () => {
    const bob = await app.api.register({ time_zone: 'UTC' });
    const rows = [after(-3 * HOUR), after(2 * DAY), after(-2 * HOUR)].map((at) => `${at},62`);
    const content = ['time,pulse', ...rows].join('\n');
    for (const query of ['?format=csv&dry_run=true', '?format=csv'])
      expect(await imported(bob, { content, query, mapping: MAPPING })).toMatchObject({
        status: 'completed',
        rows_read: 3,
        rows_failed: 1,
        records_created: 2,
        errors: [{ line: 3, field: 'measured_at', code: 'out-of-range' }],
      });
    expect((await bob.get(`${READINGS}/heart_rate`)).body['pagination'].total).toBe(2);
  });

  it('T3 what was stored before the rule stays editable', async () => {
    const path = `${READINGS}/heart_rate/${(await ada.post(READINGS, pulseAt(after(0)))).body['id']}`;
    const ahead = new Date(clock.now() + 3 * DAY);
    const values = [instantText(ahead), path.split('/').at(-1)!];
    await app.app
      .get(UnitOfWork)
      .run(() => app.db.execute('UPDATE health_metrics SET measured_at = ? WHERE id = ?', values));
    expect(await ada.patch(path, { note: 'at rest' })).toMatchObject({ status: 200 });
    expect(await ada.patch(path, { value: 71, unit: '/min' })).toMatchObject({ status: 200 });
    expect(await ada.patch(path, { measured_at: after(4 * DAY) })).toMatchObject({ status: 422 });
    expect(await ada.patch(path, { measured_at: after(0) })).toMatchObject({ status: 200 });
  });

  it('T3 so does a weight, also by simple sync', async () => {
    const { id } = (await ada.post(WEIGHT, { weight_value: 80, unit: 'kg', timestamp: after(0) })).body;
    const ahead = new Date(clock.now() + 3 * DAY);
    const sql = 'UPDATE weight_entries SET `timestamp` = ? WHERE id = ?';
    await app.app.get(UnitOfWork).run(() => app.db.execute(sql, [instantText(ahead), id as string]));
    const entry = { local_id: 'ahead', server_id: id, unit: 'kg', timestamp: ahead.toISOString() };
    expect(await ada.send('PUT', `${WEIGHT}/${id}`, { weight_value: 81, unit: 'kg' })).toMatchObject({
      status: 200,
    });
    expect(
      await ada.post(`${WEIGHT}/sync`, { entries: [{ ...entry, weight_value: 82, version: 2 }] }),
    ).toMatchObject({ body: { synced: [{ status: 'updated' }] } });
    expect(await ada.send('PUT', `${WEIGHT}/${id}`, { timestamp: after(4 * DAY) })).toMatchObject({
      status: 422,
    });
  });
});
