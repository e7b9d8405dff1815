import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readingId } from '../../src/modules/health/health-metrics/reading-id.js';
import type { Api } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { hasDatabase } from '../support/database.js';
import { Device, type Wire } from '../support/sync.js';
import { liveOf, problemOf } from './sync/support.js';

/*
 * The invariants of sleep. Each has tests that try to break it.
 * S1 What was entered is what is answered, by REST and by sync.
 * S2 A session belongs to the local day on which it ended, and nothing moves it.
 * S3 Totals of nights do not depend on the order of uploads, on repetition or on overlap.
 * S4 What cannot be read whole is refused, with the field, and changes nothing.
 * S5 An upload with an id of its source is stored once, also in a burst, and stays deleted.
 */
const PATH = '/api/sleep';
const night = (values: Wire = {}): Wire => ({
  started_at: '2026-01-05T22:00:00.000Z',
  ended_at: '2026-01-06T06:00:00.000Z',
  time_zone: 'Europe/Berlin',
  is_nap: false,
  source: 'watch',
  ...values,
});
const stage = (name: string, from: string, to: string): Wire => ({
  stage: name,
  started_at: `2026-01-05T${from}.000Z`,
  ended_at: `2026-01-05T${to}.000Z`,
});
const STAGES = [stage('light', '22:10:00', '23:00:00'), stage('rem', '23:00:00', '23:40:00')];

describe.runIf(hasDatabase())('sleep', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  const create = (person: Api, values?: Wire) => person.post(PATH, night(values));
  async function nightsOf(person: Api, from = '2026-01-01', to = '2026-01-31'): Promise<Wire[]> {
    const { status, body } = await person.get(`${PATH}/nights?from=${from}&to=${to}`);
    expect(status).toBe(200);
    return body['data'] as Wire[];
  }
  const countOf = async (person: Api): Promise<number> =>
    (await person.get(PATH)).body['pagination'].total as number;

  it('S1 what was entered is what is answered', async () => {
    const person = await app.api.register();
    const entered = night({
      stages: STAGES,
      minutes_asleep: 77,
      minutes_in_bed: 77,
      score: 84.5,
      average_heart_rate: 54.125,
      average_hrv_ms: 0,
      average_oxygen_saturation: 96.4,
      average_respiratory_rate: 14.5,
      device: 'Watch 4',
      note: 'Ünïcødé 🌙',
    });
    const { status, body } = await person.post(PATH, entered);
    expect([status, body]).toMatchObject([201, entered]);
    const path = `${PATH}/${body['id']}`;
    expect((await person.get(path)).body).toEqual(body);
    expect((await person.patch(path, { note: null })).body).toMatchObject({ ...entered, note: null });
    expect((await liveOf(person)).get(body['id'] as string)).toMatchObject({
      data: { ...entered, note: null, local_date: '2026-01-06', asleep_seconds: 4_620 },
    });
    const phone = await new Device(person).ready();
    const pushed = night({ source: 'phone', stages: STAGES });
    const mutation = phone.create('sleep', pushed);
    expect(await phone.push(mutation)).toMatchObject([{ status: 'applied' }]);
    const stored = await person.get(`${PATH}/${mutation['id']}`);
    expect(stored.body).toMatchObject({
      ...pushed,
      light_seconds: 3_000,
      rem_seconds: 2_400,
      deep_seconds: 0,
    });
  });

  it('S2 takes the zone of the profile, the source manual and no nap where a person says nothing', async () => {
    const person = await app.api.register({ time_zone: 'Asia/Tokyo' });
    const { status, body } = await person.post(PATH, {
      started_at: '2026-01-05T16:00:00.000Z',
      ended_at: '2026-01-05T22:00:00.000Z',
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      time_zone: 'Asia/Tokyo',
      local_date: '2026-01-06',
      source: 'manual',
      is_nap: false,
    });
  });

  it('S2 counts for the local day of waking up, wherever the person goes afterwards', async () => {
    const person = await app.api.register();
    const [west, east] = [
      night({ time_zone: 'Pacific/Honolulu' }),
      night({ time_zone: 'Pacific/Kiritimati' }),
    ];
    expect((await person.post(PATH, west)).body['local_date']).toBe('2026-01-05');
    const moved = await person.post(PATH, { ...east, source: 'ring' });
    expect(moved.body['local_date']).toBe('2026-01-06');
    await person.patch('/api/users/me', { time_zone: 'Asia/Tokyo' });
    expect((await person.get(`${PATH}/${moved.body['id']}`)).body['local_date']).toBe('2026-01-06');
    const day = await create(person, {
      started_at: null,
      ended_at: null,
      date: '2026-03-29',
      minutes_asleep: 400,
      source: 'fitbit',
    });
    expect(day.body).toMatchObject({ date: '2026-03-29', local_date: '2026-03-29', asleep_seconds: 24_000 });
    expect(await nightsOf(person, '2026-03-29', '2026-03-29')).toHaveLength(1);
  });

  it('S2 is listed by its local day, also where only the day is known', async () => {
    const person = await app.api.register();
    await create(person, { time_zone: 'Pacific/Kiritimati', ended_at: '2026-01-05T23:00:00.000Z' });
    const day = { started_at: null, ended_at: null, minutes_asleep: 400, time_zone: 'Pacific/Auckland' };
    await create(person, { ...day, date: '2026-01-06' });
    await create(person, { ...day, date: '2026-01-07' });
    const list = async (query: string) =>
      ((await person.get(`${PATH}?${query}`)).body['data'] as Wire[]).map(
        (one) => one['local_date'] as string,
      );
    expect(await list('from=2026-01-06&to=2026-01-06')).toEqual(['2026-01-06', '2026-01-06']);
    expect(await list('from=2026-01-07')).toEqual(['2026-01-07']);
    expect(await list('to=2026-01-05')).toEqual([]);
  });

  it.each([
    ['in their order', [0, 1, 2]],
    ['backwards', [2, 1, 0]],
    ['the longest in the middle', [0, 2, 1]],
  ])('S3 a session that grows counts once, uploaded %s', async (_, order) => {
    const person = await app.api.register();
    const parts = [
      night({ ended_at: '2026-01-05T23:05:00.000Z' }),
      night({ ended_at: '2026-01-06T00:18:00.000Z' }),
      night(),
    ];
    for (const part of order) expect((await person.post(PATH, parts[part])).status).toBe(201);
    expect(await nightsOf(person)).toMatchObject([
      { local_date: '2026-01-06', night: { session_count: 1, asleep_seconds: 28_800 } },
    ]);
    expect((await nightsOf(person))[0]).toMatchObject({ counted: [expect.any(String)] });
    expect((await nightsOf(person))[0]?.['replaced']).toHaveLength(2);
  });

  it('S3 the totals of a day do not depend on the days that are asked for', async () => {
    const person = await app.api.register();
    const over = (from: string, to: string, values: Wire = {}) =>
      create(person, { started_at: `${from}:00.000Z`, ended_at: `${to}:00.000Z`, ...values });
    await over('2026-01-05T20:00', '2026-01-06T07:00');
    await over('2026-01-06T06:00', '2026-01-07T05:00', { source: 'ring' });
    await over('2026-01-07T04:00', '2026-01-07T23:30', { source: 'phone' });
    const all = await nightsOf(person);
    expect(all.map(({ local_date: day }) => day as string)).toEqual([
      '2026-01-06',
      '2026-01-07',
      '2026-01-08',
    ]);
    for (const one of all)
      expect(await nightsOf(person, one['local_date'], one['local_date'])).toEqual([one]);
  });

  it('S3 naps are apart, and a nap of yesterday is no part of a night', async () => {
    const person = await app.api.register();
    await create(person);
    const nap = {
      started_at: '2026-01-06T13:00:00.000Z',
      ended_at: '2026-01-06T13:30:00.000Z',
      is_nap: true,
    };
    expect((await create(person, nap)).status).toBe(201);
    expect(await nightsOf(person)).toMatchObject([
      {
        night: { session_count: 1, asleep_seconds: 28_800 },
        naps: { session_count: 1, asleep_seconds: 1_800 },
        ended_at: '2026-01-06T06:00:00.000Z',
      },
    ]);
  });

  it.each<[string, string, Wire]>([
    ['ends before it begins', 'ended_at', { ended_at: '2026-01-05T21:00:00Z' }],
    ['takes no time', 'ended_at', { ended_at: '2026-01-05T22:00:00Z' }],
    ['lasts longer than a day', 'ended_at', { ended_at: '2026-01-07T22:00:00Z' }],
    ['has only a start', 'ended_at', { ended_at: null }],
    ['has only an end', 'started_at', { started_at: null }],
    ['has nothing', 'started_at', { started_at: null, ended_at: null }],
    ['has a day and instants', 'date', { date: '2026-01-06' }],
    ['has a day without minutes', 'minutes_asleep', { started_at: null, ended_at: null, date: '2026-01-06' }],
    [
      'has a day with stages',
      'stages',
      { started_at: null, ended_at: null, date: '2026-01-06', minutes_asleep: 400, stages: STAGES },
    ],
    ['has a stage before it', 'stages.0.started_at', { stages: [stage('light', '21:00:00', '22:30:00')] }],
    [
      'has overlapping stages',
      'stages.1.started_at',
      { stages: [stage('light', '22:00:00', '22:30:00'), stage('rem', '22:20:00', '22:40:00')] },
    ],
    ['has an empty stage', 'stages.0.ended_at', { stages: [stage('light', '22:30:00', '22:30:00')] }],
    ['has an unknown stage', 'stages.0.stage', { stages: [stage('dream', '22:10:00', '22:30:00')] }],
    ['slept longer than it lasted', 'minutes_asleep', { minutes_asleep: 481 }],
    ['slept longer than it lay', 'minutes_in_bed', { minutes_asleep: 400, minutes_in_bed: 300 }],
    ['has no zone', 'time_zone', { time_zone: 'Berlin' }],
    ['has an impossible heart', 'average_heart_rate', { average_heart_rate: 14 }],
    ['has a source with spaces', 'source', { source: 'my watch' }],
  ])('S4 a session that %s is refused, by REST and by sync', async (_, field, values) => {
    const person = await app.api.register();
    const { status, body } = await create(person, values);
    expect([status, body['errors']]).toMatchObject([422, [{ field }]]);
    const phone = await new Device(person).ready();
    const [result] = await phone.push(phone.create('sleep', night(values)));
    expect(result).toMatchObject({ status: 'rejected', error: { field: `fields.${field}` } });
    expect(await countOf(person)).toBe(0);
  });

  it('S4 a change that would break a rule is refused, and changes nothing', async () => {
    const person = await app.api.register();
    const { body } = await create(person, { stages: STAGES });
    const path = `${PATH}/${body['id']}`;
    const refused = await person.patch(path, { ended_at: '2026-01-05T23:10:00.000Z' });
    expect([refused.status, refused.body['errors']]).toMatchObject([422, [{ field: 'stages.1.ended_at' }]]);
    expect((await person.get(path)).body).toEqual(body);
    const wrongDays = await person.get(`${PATH}/nights?from=2026-01-01&to=2027-01-02`);
    expect([wrongDays.status, wrongDays.body['errors']]).toMatchObject([422, [{ field: 'to' }]]);
  });

  it('S5 an upload with an id of its source is stored once, corrected, and stays deleted', async () => {
    const person = await app.api.register();
    const upload = { external_id: 'sleep-1' };
    const burst = await Promise.all(Array.from({ length: 8 }, () => create(person, upload)));
    const id = readingId('sleep', 'watch', 'sleep-1');
    expect(burst.map(({ status, body }) => [status, body['id'], body['version']])).toEqual(
      burst.map(() => [201, id, 1]),
    );
    expect(await countOf(person)).toBe(1);
    const corrected = await create(person, { ...upload, ended_at: '2026-01-06T06:30:00.000Z' });
    expect(corrected.body).toMatchObject({ id, version: 2, ended_at: '2026-01-06T06:30:00.000Z' });
    await person.delete(`${PATH}/${id}`);
    const again = await create(person, upload);
    expect([again.status, problemOf(again)]).toEqual([409, 'id-taken']);
    expect(await countOf(person)).toBe(0);
    // By sync the id has to be the derived one: else two phones would store it twice.
    const phone = await new Device(person).ready();
    const [result] = await phone.push(phone.create('sleep', night({ external_id: 'sleep-2' })));
    expect(result).toMatchObject({ status: 'rejected', error: { field: 'fields.external_id' } });
  });
});
