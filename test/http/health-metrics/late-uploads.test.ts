import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readingId } from '../../../src/modules/health/health-metrics/reading-id.js';
import { TestApp } from '../../support/app.js';
import type { Api } from '../../support/api.js';
import { hasDatabase } from '../../support/database.js';
import { chooseSeed, seededRandom } from '../../support/random.js';
import { bulk, reading, READINGS } from '../../support/readings.js';
import { Device, type Wire } from '../../support/sync.js';

const ID = readingId('steps', 'healthkit', 'hour-9');
const PATH = `${READINGS}/steps/${ID}`;
const CONFLICTS = '/api/sync/conflicts?status=open';

describe.runIf(hasDatabase())('uploads that arrive late, or from elsewhere', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  const hour = (values: Wire = {}): Wire => ({
    ...reading('steps', {
      value: 100,
      measured_at: '2026-01-06T23:30:00.000Z',
      ended_at: '2026-01-07T00:30:00.000Z',
      time_zone: 'Europe/Berlin',
    }),
    source: 'healthkit',
    external_id: 'hour-9',
    ...values,
  });
  /** An instant of this morning, so that no upload is later than the clock. */
  const at = (time: string): string => `2026-01-07T${time}:00.000Z`;
  const upload = (device: Device, values: Wire, time: string): Wire =>
    device.create('health_metric', hour(values), { id: ID, modified_at: at(time) });
  const held = async (person: Api): Promise<Wire> => (await person.get(PATH)).body;
  const conflictsOf = async (person: Api): Promise<Wire[]> => (await person.get(CONFLICTS)).body['data'];
  const statuses = (results: readonly Wire[]): unknown[] => results.map(({ status }) => status);
  const devices = async (person: Api): Promise<[Device, Device]> => [
    await new Device(person).ready(),
    await new Device(person).ready(),
  ];

  it('an older upload that arrives late changes nothing, and is not what the source said last', async () => {
    const ada = await app.api.register();
    const [phone, watch] = await devices(ada);
    expect(statuses(await watch.push(upload(watch, { value: 500 }, '11:00')))).toEqual(['applied']);
    expect(statuses(await phone.push(upload(phone, { value: 100 }, '10:10')))).toEqual(['superseded']);
    expect((await held(ada))['value']).toBe(500);
    await ada.patch(PATH, { value: 450, unit: 'steps' });
    expect(statuses(await phone.push(upload(phone, { value: 100 }, '10:10')))).toEqual(['superseded']);
    expect(statuses(await watch.push(upload(watch, { value: 500 }, '11:30')))).toEqual(['duplicate']);
    // The unchanged upload of half past eleven was the last one.
    expect(statuses(await phone.push(upload(phone, { value: 480 }, '11:15')))).toEqual(['superseded']);
    expect((await held(ada))['value']).toBe(450);
    expect(await conflictsOf(ada)).toEqual([]);
  });

  it('uploads count by when they were made, in whatever order they arrive', async () => {
    const seed = chooseSeed();
    const random = seededRandom(seed);
    for (let run = 0; run < 4; run += 1) {
      const ada = await app.api.register();
      const [phone, watch] = await devices(ada);
      const times = ['09:00', '09:30', '10:00', '10:30', '11:00'];
      const made = times.map((time) => ({ time, value: 100 * (1 + Math.floor(random() * 3)) }));
      const arriving = made.toSorted(() => random() - 0.5);
      for (const { time, value } of arriving) {
        const device = random() < 0.5 ? phone : watch;
        await device.push(upload(device, { value }, time));
      }
      const { value } = await held(ada);
      expect([seed, run, arriving, value]).toEqual([seed, run, arriving, made.at(-1)!.value]);
      expect(await conflictsOf(ada)).toEqual([]);
    }
  });

  it('the same reading from another time zone is no news, and moves no reading to another day', async () => {
    const ada = await app.api.register();
    await bulk(ada, [hour()]);
    expect(await held(ada)).toMatchObject({ local_date: '2026-01-07', time_zone: 'Europe/Berlin' });
    await ada.patch(PATH, { value: 450, unit: 'steps' });
    const elsewhere = { time_zone: 'America/New_York' };
    expect(statuses(await bulk(ada, [hour(elsewhere)]))).toEqual(['unchanged']);
    const phone = await new Device(ada).ready();
    const again = phone.create('health_metric', hour(elsewhere), { id: ID });
    expect(statuses(await phone.push(again))).toEqual(['duplicate']);
    expect(await held(ada)).toMatchObject({
      value: 450,
      local_date: '2026-01-07',
      time_zone: 'Europe/Berlin',
    });
    expect(await conflictsOf(ada)).toEqual([]);
    // A new value does not move it either.
    expect(statuses(await bulk(ada, [hour({ ...elsewhere, value: 99 })]))).toEqual(['updated']);
    expect(await held(ada)).toMatchObject({
      value: 99,
      local_date: '2026-01-07',
      time_zone: 'Europe/Berlin',
    });
    // Another instant does.
    const later = { ...elsewhere, value: 99, measured_at: '2026-01-06T23:35:00.000Z' };
    expect(statuses(await bulk(ada, [hour(later)]))).toEqual(['updated']);
    expect(await held(ada)).toMatchObject({ local_date: '2026-01-06', time_zone: 'America/New_York' });
  });

  it('the first zone that its source names is news, because the one of the profile was only a default', async () => {
    const ada = await app.api.register({ time_zone: 'Europe/Berlin' });
    const { time_zone: _, ...unplaced } = hour();
    const named = { time_zone: 'America/New_York' };
    expect(statuses(await bulk(ada, [unplaced]))).toEqual(['created']);
    expect(await held(ada)).toMatchObject({ local_date: '2026-01-07', time_zone: 'Europe/Berlin' });
    expect(statuses(await bulk(ada, [{ ...unplaced, value: 120 }]))).toEqual(['updated']);
    expect(statuses(await bulk(ada, [hour({ ...named, value: 120 })]))).toEqual(['updated']);
    expect(await held(ada)).toMatchObject({ value: 120, local_date: '2026-01-06', ...named });
    expect(statuses(await bulk(ada, [unplaced]))).toEqual(['updated']);
    expect(statuses(await bulk(ada, [hour({ time_zone: 'Asia/Tokyo' })]))).toEqual(['unchanged']);
    expect(await held(ada)).toMatchObject({ value: 100, local_date: '2026-01-06', ...named });
    expect(await conflictsOf(ada)).toEqual([]);
    // What the person has corrected since stays where it is.
    const eve = await app.api.register({ time_zone: 'Europe/Berlin' });
    await bulk(eve, [unplaced]);
    await eve.patch(PATH, { value: 450, unit: 'steps' });
    expect(statuses(await bulk(eve, [hour(named)]))).toEqual(['unchanged']);
    expect(await held(eve)).toMatchObject({ value: 450, time_zone: 'Europe/Berlin' });
  });

  it('a night from another time zone stays on its day', async () => {
    const ada = await app.api.register();
    const night = {
      started_at: '2026-01-06T22:30:00.000Z',
      ended_at: '2026-01-07T03:00:00.000Z',
      time_zone: 'Europe/Berlin',
      source: 'healthkit',
      is_nap: false,
      external_id: 'night-1',
    };
    const { body } = await ada.post('/api/sleep', night);
    const again = await ada.post('/api/sleep', { ...night, time_zone: 'America/New_York' });
    expect(again.body).toMatchObject({ version: 1, local_date: '2026-01-07', time_zone: 'Europe/Berlin' });
    expect(again.body['id']).toBe(body['id']);
  });

  it('a value that the source takes back is news', async () => {
    const ada = await app.api.register();
    const glucose = (values: Wire): Wire => ({
      ...reading('blood_glucose', values),
      source: 'healthkit',
      external_id: 'drop-1',
    });
    const [created] = await bulk(ada, [glucose({ context: 'fasting' })]);
    const path = `${READINGS}/blood_glucose/${created!['id']}`;
    expect(statuses(await bulk(ada, [glucose({})]))).toEqual(['unchanged']);
    expect(statuses(await bulk(ada, [glucose({ context: null })]))).toEqual(['updated']);
    expect((await ada.get(path)).body['context']).toBeNull();
    expect(statuses(await bulk(ada, [glucose({ context: null })]))).toEqual(['unchanged']);
  });

  it('the first upload after the hashes came displaces no correction, and sees what its source corrected', async () => {
    const ada = await app.api.register();
    const forget = () =>
      app.db.writer.query('UPDATE health_metrics SET uploaded = NULL WHERE user_id = ?', [ada.userId]);
    await bulk(ada, [hour()]);
    await forget();
    expect(statuses(await bulk(ada, [hour({ time_zone: 'America/New_York' })]))).toEqual(['unchanged']);
    await forget();
    expect(statuses(await bulk(ada, [hour({ value: 120 })]))).toEqual(['updated']);
    await ada.patch(PATH, { value: 450, unit: 'steps' });
    await forget();
    expect(statuses(await bulk(ada, [hour({ value: 120 })]))).toEqual(['unchanged']);
    expect((await held(ada))['value']).toBe(450);
    expect(statuses(await bulk(ada, [hour({ value: 130 })]))).toEqual(['updated']);
    expect(await conflictsOf(ada)).toMatchObject([{ loser: { data: { value: 450 } } }]);
  });

  it('what the person restored after its record was purged is theirs', async () => {
    const ada = await app.api.register();
    const phone = await new Device(ada).ready();
    await bulk(ada, [hour()]);
    await ada.patch(PATH, { value: 450, unit: 'steps' });
    await bulk(ada, [hour({ value: 120 })]);
    const [conflict] = await conflictsOf(ada);
    await ada.delete(PATH);
    // As a purge does.
    await app.db.writer.query('DELETE FROM health_metrics WHERE user_id = ?', [ada.userId]);
    const chosen = await ada.post(`/api/sync/conflicts/${conflict!['id']}/resolve`, { choice: 'use_other' });
    expect([chosen.status, chosen.body['record']]).toMatchObject([
      200,
      { id: ID, data: { value: 450, external_id: null } },
    ]);
    await phone.push(phone.create('health_metric', hour({ value: 120 }), { id: ID }));
    const others = await conflictsOf(ada);
    const kept = others.map(({ loser }) => loser['data'].value);
    expect([(await held(ada))['value'], ...kept]).toContain(450);
    await bulk(ada, [hour({ value: 130 })]);
    expect((await conflictsOf(ada)).map(({ loser }) => loser['data'].value)).toContain(450);
  });
});
