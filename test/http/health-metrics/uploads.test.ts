import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readingId } from '../../../src/modules/health/health-metrics/reading-id.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { bulk, listAll, reading, READINGS } from '../../support/readings.js';
import { chooseSeed, seededRandom } from '../../support/random.js';
import { Device, drainSync, type Wire } from '../../support/sync.js';

describe.runIf(hasDatabase())('uploads of health metrics', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  const steps = (minute: number, values: Wire = {}): Wire => ({
    ...reading('steps', {
      value: 10 + minute,
      measured_at: new Date(Date.parse('2026-01-06T08:00:00Z') + minute * 60_000).toISOString(),
      ended_at: new Date(Date.parse('2026-01-06T08:01:00Z') + minute * 60_000).toISOString(),
    }),
    source: 'healthkit',
    external_id: `sample-${minute}`,
    ...values,
  });
  const statuses = (results: readonly Wire[]): string[] => results.map(({ status }) => status as string);

  it('an upload that is repeated, in any order and by any route, changes nothing', async () => {
    const ada = await app.api.register();
    const samples = Array.from({ length: 20 }, (_, minute) => steps(minute));
    expect(new Set(statuses(await bulk(ada, samples)))).toEqual(new Set(['created']));
    const before = await listAll(ada, READINGS);
    const { cursor } = await drainSync(ada);
    expect(new Set(statuses(await bulk(ada, samples.toReversed())))).toEqual(new Set(['unchanged']));
    const twice = await bulk(ada, [samples[3]!, steps(50), steps(50), samples[3]!]);
    expect(statuses(twice)).toEqual(['unchanged', 'created', 'unchanged', 'unchanged']);
    const { status, body } = await ada.post(READINGS, samples[0]);
    expect([status, body['version'], body['id']]).toEqual([
      201,
      1,
      readingId('steps', 'healthkit', 'sample-0'),
    ]);
    const device = await new Device(ada).ready();
    const pushed = device.create('health_metric', samples[1]!, { id: before.at(-2)!['id'] });
    expect(statuses(await device.push(pushed))).toEqual(['duplicate']);
    const after = await listAll(ada, READINGS);
    expect(after.filter(({ external_id: id }) => id !== 'sample-50')).toEqual(before);
    expect((await drainSync(ada, { cursor })).changes).toHaveLength(1);
  });

  it('a value that its source corrected is updated, and what the person added is kept', async () => {
    const ada = await app.api.register();
    const { body } = await ada.post(READINGS, steps(1));
    await ada.patch(`${READINGS}/steps/${body['id']}`, { note: 'with the dog' });
    expect(statuses(await bulk(ada, [steps(1, { value: 99 })]))).toEqual(['updated']);
    expect((await ada.get(`${READINGS}/steps/${body['id']}`)).body).toMatchObject({
      value: 99,
      note: 'with the dog',
      version: 3,
    });
    expect(statuses(await bulk(ada, [steps(1, { value: 99 })]))).toEqual(['unchanged']);
  });

  const CONFLICTS = '/api/sync/conflicts?status=open';

  it('what the person corrected stays while the source says the same, and is kept when it says something else', async () => {
    const ada = await app.api.register();
    const { body } = await ada.post(READINGS, steps(1));
    const path = `${READINGS}/steps/${body['id']}`;
    await ada.patch(path, { value: 500, unit: 'steps', note: 'the watch lay on the table' });
    const corrected = (await ada.get(path)).body;
    for (const repeated of [steps(1), steps(1, { context: null, device: null })])
      expect(statuses(await bulk(ada, [repeated, repeated]))).toEqual(['unchanged', 'unchanged']);
    expect((await ada.post(READINGS, steps(1))).body).toEqual(corrected);
    expect((await ada.get(path)).body).toEqual(corrected);

    // A device is news, and concerns no value that the person typed.
    expect(statuses(await bulk(ada, [steps(1, { device: 'Watch' })]))).toEqual(['updated']);
    expect((await ada.get(path)).body).toMatchObject({ value: 500, device: 'Watch' });
    expect((await ada.get(CONFLICTS)).body['data']).toEqual([]);

    expect(statuses(await bulk(ada, [steps(1, { value: 99 })]))).toEqual(['updated']);
    expect((await ada.get(path)).body).toMatchObject({
      value: 99,
      device: 'Watch',
      note: 'the watch lay on the table',
    });
    const { body: conflicts } = await ada.get(CONFLICTS);
    expect(conflicts['data']).toMatchObject([{ record_id: body['id'], loser: { data: { value: 500 } } }]);
    const conflict = conflicts['data'][0].id as string;
    const both = await ada.post(`/api/sync/conflicts/${conflict}/resolve`, { choice: 'keep_both' });
    expect([both.status, both.body['record']]).toMatchObject([
      200,
      { data: { value: 500, source: 'healthkit', external_id: null } },
    ]);
    expect(statuses(await bulk(ada, [steps(1, { value: 99 })]))).toEqual(['unchanged']);
    expect(await listAll(ada, READINGS)).toHaveLength(2);

    await ada.patch(path, { value: 600, unit: 'steps' });
    expect(statuses(await bulk(ada, [steps(1, { value: 98 })]))).toEqual(['updated']);
    const [open] = (await ada.get(CONFLICTS)).body['data'];
    await ada.post(`/api/sync/conflicts/${open.id}/resolve`, { choice: 'use_other' });
    expect(statuses(await bulk(ada, [steps(1, { value: 98 })]))).toEqual(['unchanged']);
    expect((await ada.get(path)).body).toMatchObject({ value: 600 });
  });

  it('a value that the person typed and the source repeated is kept when the source says something else', async () => {
    const ada = await app.api.register();
    const { body } = await ada.post(READINGS, steps(1));
    await ada.patch(`${READINGS}/steps/${body['id']}`, { value: 77, unit: 'steps' });
    expect(statuses(await bulk(ada, [steps(1, { value: 77 })]))).toEqual(['unchanged']);
    expect(statuses(await bulk(ada, [steps(1, { value: 78 })]))).toEqual(['updated']);
    expect((await ada.get(CONFLICTS)).body['data']).toMatchObject([{ loser: { data: { value: 77 } } }]);
    expect(statuses(await bulk(ada, [steps(1, { value: 79 })]))).toEqual(['updated']);
    expect((await ada.get(CONFLICTS)).body['data']).toHaveLength(1);
  });

  it('an upload by sync follows the same rules', async () => {
    const ada = await app.api.register();
    const id = readingId('steps', 'healthkit', 'sample-1');
    const device = await new Device(ada).ready();
    const upload = (values: Wire = {}) => device.create('health_metric', steps(1, values), { id });
    expect(statuses(await device.push(upload()))).toEqual(['applied']);
    const path = `${READINGS}/steps/${id}`;
    await ada.patch(path, { value: 500, unit: 'steps' });
    expect(statuses(await device.push(upload()))).toEqual(['duplicate']);
    expect(statuses(await bulk(ada, [steps(1)]))).toEqual(['unchanged']);
    expect((await ada.get(path)).body['value']).toBe(500);
    expect(statuses(await device.push(upload({ value: 99 })))).toEqual(['conflict']);
    expect((await ada.get(path)).body['value']).toBe(99);
    await ada.delete(path);
    const [refused] = await device.push(upload({ value: 100 }));
    expect(refused).toMatchObject({ status: 'rejected', error: { code: 'record-deleted', field: 'id' } });
    expect(await listAll(ada, READINGS)).toEqual([]);
  });

  it('whatever source and person do in turn, a typed value is in the reading or in a conflict, or was seen', async () => {
    const seed = chooseSeed();
    const random = seededRandom(seed);
    for (let run = 0; run < 4; run += 1) {
      const ada = await app.api.register();
      const { body } = await ada.post(READINGS, steps(1, { value: 1 }));
      const path = `${READINGS}/steps/${body['id']}`;
      const device = await new Device(ada).ready();
      const { id } = body;
      let [last, typed] = [1, undefined as number | undefined];
      for (let step = 0; step < 10; step += 1) {
        const value = 1 + Math.floor(random() * 4);
        const way = Math.floor(random() * 4);
        if (way === 0) await ada.patch(path, { value: (typed = 1_000 + value), unit: 'steps' });
        else if (way === 1) await ada.patch(path, { note: `${value}` });
        else if (way === 2) await bulk(ada, [steps(1, { value: (last = value) })]);
        else await device.push(device.create('health_metric', steps(1, { value: (last = value) }), { id }));
        const held = (await ada.get(path)).body['value'];
        const { data } = (await ada.get('/api/sync/conflicts')).body;
        const kept = data.map(({ loser }: Wire) => loser['data'].value);
        if (typed !== undefined) expect([held, ...kept], `seed ${seed}, run ${run}`).toContain(typed);
        if (typed === undefined) expect(held, `seed ${seed}, run ${run}`).toBe(last);
      }
    }
  });

  it('a reading that the person deleted stays deleted', async () => {
    const ada = await app.api.register();
    const { body } = await ada.post(READINGS, steps(1));
    expect((await ada.delete(`${READINGS}/steps/${body['id']}`)).status).toBe(204);
    expect(statuses(await bulk(ada, [steps(1), steps(2)]))).toEqual(['deleted', 'created']);
    const again = await ada.post(READINGS, steps(1));
    expect([again.status, again.body['type']]).toEqual([409, '/problems/id-taken']);
    expect(await listAll(ada, `${READINGS}/steps`)).toHaveLength(1);
  });

  it('a second reading with the same id of its source cannot be stored under another id', async () => {
    const ada = await app.api.register();
    const derived = readingId('steps', 'healthkit', 'sample-1');
    const [result] = await bulk(ada, [steps(1, { id: randomUUID() })]);
    expect(result).toMatchObject({ status: 'rejected', error: { field: 'external_id' } });
    const device = await new Device(ada).ready();
    const [pushed] = await device.push(device.create('health_metric', steps(1)));
    expect(pushed).toMatchObject({
      status: 'rejected',
      error: { code: 'invalid', field: 'fields.external_id' },
    });
    expect(pushed?.['error'].message).toContain(derived);
    const [right] = await device.push(device.create('health_metric', steps(1), { id: derived }));
    expect(right?.['status']).toBe('applied');
    expect(await listAll(ada, READINGS)).toHaveLength(1);
  });

  it('one id of a source may have readings of several kinds', async () => {
    const ada = await app.api.register();
    const weighing = { source: 'scale', external_id: 'weighing-7' };
    const results = await bulk(
      ada,
      ['body_fat', 'muscle_mass', 'bmi'].map((name) => reading(name, weighing)),
    );
    expect(statuses(results)).toEqual(['created', 'created', 'created']);
  });

  it('a wrong reading does not stop the others, and the whole is one transaction', async () => {
    const ada = await app.api.register();
    const results = await bulk(ada, [
      reading('heart_rate'),
      reading('heart_rate', { value: 2 }),
      { metric: 'heart_rate' },
      null as unknown as Wire,
      reading('mood'),
    ]);
    expect(statuses(results)).toEqual(['created', 'rejected', 'rejected', 'rejected', 'created']);
    expect(results.map(({ error }) => error?.field)).toEqual([undefined, 'value', 'unit', '', undefined]);
    const { changes } = await drainSync(ada);
    const readings = changes.filter(({ kind }) => kind === 'health_metric');
    expect(new Set(readings.map(({ updated_at: at }) => at)).size).toBe(1);
    for (const wrong of [[], Array.from({ length: 501 }, () => reading('mood'))])
      expect((await ada.post(`${READINGS}/bulk`, { readings: wrong })).status).toBe(422);
  });

  it('takes 500 readings at once', async () => {
    const ada = await app.api.register();
    const samples = Array.from({ length: 500 }, (_, minute) => steps(minute));
    expect(new Set(statuses(await bulk(ada, samples)))).toEqual(new Set(['created']));
    expect(await listAll(ada, `${READINGS}/steps`)).toHaveLength(500);
  });

  it('says for each reading that no further one fits', async () => {
    const small = await TestApp.start({ env: { QUOTA_RECORDS_PER_KIND: '2' } });
    try {
      const ada = await small.api.register();
      const results = await bulk(ada, [steps(1), steps(2), steps(3), steps(1)]);
      expect(statuses(results)).toEqual(['created', 'created', 'rejected', 'unchanged']);
      expect(results[2]?.['error'].code).toBe('quota-exceeded');
      expect((await ada.post(READINGS, steps(3))).body['type']).toBe('/problems/quota-exceeded');
    } finally {
      await small.stop();
    }
  });
});
