import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { DAY, HOUR, fromNow, MINUTE, SECOND, TestClock, YEAR } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { Device, drainSync, mealFields, weightData, weightFields, type Wire } from '../../support/sync.js';
import { startTwo } from '../auth/support.js';
import { before, conflictsOf, liveOf, seenOf, shared, statusesOf, twoPhones } from './support.js';

const kg = (value: number): Wire => weightFields(value);

describe.runIf(hasDatabase())('sync, clocks', () => {
  const clock = new TestClock();
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start({ override: clock.install })));
  afterAll(() => app.stop());

  it('F14 a phone a year ahead does not win for ever: its edit counts as made now, and the answer says so', async () => {
    const { person, a, b } = await twoPhones(app.api);
    const record = await shared(a, 'weight');
    const [result] = await a.push(a.update(record, kg(80), { modified_at: fromNow(YEAR) }));
    expect(result).toMatchObject({ status: 'applied', clock_adjusted: true });
    const stored = await seenOf(person, record['id']);
    expect(Date.parse(stored?.['modified_at'])).toBeLessThanOrEqual(clock.now());
    // B has not seen it and has the right time.
    const later = new Date(Date.parse(stored?.['modified_at']) + 1).toISOString();
    const [second] = await b.push(b.update(record, kg(90), { modified_at: later }));
    expect(second?.['status']).toBe('conflict');
    expect((await seenOf(person, record['id']))?.['data']).toEqual(weightData(kg(90)));
  });

  it.each([
    ['ahead', DAY],
    ['behind', -DAY],
  ])('F14 edits of a clock that is a day %s are corrected if the phone sends its time', async (_, skew) => {
    const { person, a, b } = await twoPhones(app.api);
    const record = await shared(a, 'weight');
    const time = (ago: number): string => fromNow(skew - ago);
    const edit = a.update(record, kg(80), { modified_at: time(10 * MINUTE) });
    const { body } = await a.send([edit], { client_time: time(0) });
    expect(body['results'][0]).toMatchObject({ status: 'applied', clock_adjusted: true });
    const stored = Date.parse((await seenOf(person, record['id']))?.['modified_at']);
    expect(Math.abs(stored - (Date.now() - 10 * MINUTE))).toBeLessThan(10 * SECOND);
    const [older] = await b.push(b.update(record, kg(70), { modified_at: before(20 * MINUTE) }));
    expect(older?.['status']).toBe('conflict');
    expect((await seenOf(person, record['id']))?.['data']).toEqual(weightData(kg(80)));
    const { clients } = (await person.get('/api/sync/status')).body;
    const known = clients.find((client: Wire) => client['client_id'] === a.id);
    expect(Math.abs(known.clock_skew_ms + skew)).toBeLessThan(10 * SECOND);
  });

  it('F14 a clock difference within the tolerance for slow networks corrects nothing', async () => {
    const { person, a } = await twoPhones(app.api);
    const edit = a.create('weight', kg(80), { modified_at: before(MINUTE) });
    const { body } = await a.send([edit], { client_time: before(50 * SECOND) });
    expect(body['results'][0]).not.toHaveProperty('clock_adjusted');
    expect(await seenOf(person, edit['id'])).toMatchObject({ modified_at: edit['modified_at'] });
  });

  it.each([
    ['0001-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z'],
    ['9999-12-31T23:59:59.999Z', '0001-01-01T00:00:00.000Z'],
    ['1970-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z'],
    ['2026-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
    ['1900-01-01T00:00:00.000Z', '2100-01-01T00:00:00.000Z'],
  ])(
    'F14 an edit at %s by a phone whose clock shows %s is stored with a time, or refused',
    async (at, now) => {
      const { person, a } = await twoPhones(app.api);
      const { status, body } = await a.send([a.create('weight', kg(80), { modified_at: at })], {
        client_time: now,
      });
      expect([200, 422]).toContain(status);
      if (status === 422) return;
      const [change] = [...(await liveOf(person)).values()];
      if (body['results'][0].status === 'rejected') expect(change).toBeUndefined();
      else expect(change?.['modified_at']).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
      expect((await a.send([a.create('weight', kg(81))])).status).toBe(200);
    },
  );

  it('F15 an edit of the current version wins although its phone is a day behind, and so does its next edit', async () => {
    const { person, a, b } = await twoPhones(app.api);
    const record = await shared(a, 'weight');
    await a.push(a.update(record, kg(80)));
    const slow = { modified_at: before(DAY) };
    await b.push(b.update({ ...record, version: 2 }, kg(90), slow));
    expect((await seenOf(person, record['id']))?.['data']).toEqual(weightData(kg(90)));
    await b.push(b.update({ kind: 'weight', id: record['id'] }, kg(91), { modified_at: before(DAY + HOUR) }));
    expect((await seenOf(person, record['id']))?.['data']).toEqual(weightData(kg(91)));
    await b.push(b.delete({ kind: 'weight', id: record['id'] }, { modified_at: before(2 * DAY) }));
    expect(await seenOf(person, record['id'])).toBeUndefined();
    expect(await conflictsOf(person)).toEqual([]);
  });

  it('F17 when the server’s clock goes back ten seconds, stamps and seq still rise', async () => {
    const { person, a } = await twoPhones(app.api);
    const made: Wire[] = [];
    try {
      for (const step of [0, -10 * SECOND, 0, 5 * SECOND, -20 * SECOND, 0]) {
        clock.advance(step);
        made.push(a.create('weight', kg(70 + made.length)));
        await a.push(made.at(-1)!);
      }
    } finally {
      clock.advance(25 * SECOND);
    }
    const { changes } = await drainSync(person);
    expect(changes.map(({ id }) => id)).toEqual(made.map(({ id }) => id));
    const stamps = changes.map(({ updated_at }) => Date.parse(updated_at));
    expect(stamps).toEqual([...new Set(stamps)].toSorted((x, y) => x - y));
  });

  it('F17 an edit right after the clock went back still replaces the version it was based on', async () => {
    const { person, a } = await twoPhones(app.api);
    const record = await shared(a, 'weight');
    await person.put(`/api/health-metrics/weight/${record['id']}`, { weight_value: 80, unit: 'kg' });
    clock.advance(-10 * SECOND);
    try {
      await person.put(`/api/health-metrics/weight/${record['id']}`, { weight_value: 90, unit: 'kg' });
    } finally {
      clock.advance(10 * SECOND);
    }
    expect((await seenOf(person, record['id']))?.['data']).toEqual(weightData(kg(90)));
  });

  it('F18 instants are returned as they were sent, to the millisecond, in UTC', async () => {
    const { person, a } = await twoPhones(app.api);
    const sent = ['2026-01-06T20:30:00.001Z', '2026-03-29T02:59:59.999+02:00', '2026-10-25T02:30:00.5+01:00'];
    for (const timestamp of sent) {
      const made = a.create('weight', { ...kg(70), timestamp }, { modified_at: '2026-01-06T20:30:00.123Z' });
      await a.push(made);
      const change = await seenOf(person, made['id']);
      expect(change?.['data'].timestamp).toBe(new Date(timestamp).toISOString());
      expect(change?.['modified_at']).toBe('2026-01-06T20:30:00.123Z');
    }
  });

  it.each(['2026-01-06T20:30:00', '2026-01-06', '20:30', 1_767_731_400_000, '2026-02-30T00:00:00Z', 'now'])(
    'F19 the instant %j names no instant: refused by name',
    async (instant) => {
      const { a } = await twoPhones(app.api);
      const results = await a.push(
        a.create('weight', { ...kg(70), timestamp: instant }),
        a.create('weight', kg(70), { modified_at: instant }),
      );
      expect(results.map(({ error }) => error?.field)).toEqual(['fields.timestamp', 'modified_at']);
    },
  );

  it('F19 the day of a meal is the local day where it was eaten, also at a daylight saving change', async () => {
    const { person, a } = await twoPhones(app.api);
    const eaten = '2026-03-28T23:30:00.000Z';
    const zones = ['Europe/Berlin', 'America/New_York', 'Pacific/Auckland', 'Pacific/Kiritimati'];
    const made = zones.map((time_zone) => a.create('meal', mealFields({ eaten_at: eaten, time_zone })));
    await a.push(...made);
    const live = await liveOf(person);
    expect(made.map(({ id }) => live.get(id)?.['data'].local_date)).toEqual([
      '2026-03-29',
      '2026-03-28',
      '2026-03-29',
      '2026-03-29',
    ]);
  });

  it('F20 a correction made now of a measurement of last week is applied', async () => {
    const { person, a, b } = await twoPhones(app.api);
    const record = await shared(a, 'weight', { ...kg(80), timestamp: before(DAY) });
    const corrected = { ...kg(79), timestamp: before(7 * DAY) };
    expect(statusesOf(await b.push(b.update(record, corrected)))).toEqual(['applied']);
    expect((await seenOf(person, record['id']))?.['data']).toEqual(weightData(corrected));
  });
});

describe.runIf(hasDatabase())('sync, two servers whose clocks differ by three seconds', () => {
  let apps: readonly [TestApp, TestApp];
  beforeAll(async () => {
    const behind = new TestClock();
    behind.advance(-3 * SECOND);
    const clocks = [new TestClock(), behind];
    let next = 0;
    apps = await startTwo({ override: (builder) => clocks[next++]!.install(builder) });
  });
  afterAll(async () => {
    for (const app of apps.toReversed()) await app.stop();
  });

  it('F17 stamps and seq rise whichever server takes the push, and a reader of either misses nothing', async () => {
    const { person, a } = await twoPhones(apps[0].api);
    const other = await new Device(new Api(apps[1].url, person.headers, person.account)).ready();
    const made: string[] = [];
    const seen: Wire[] = [];
    let cursor: string | undefined;
    for (let i = 0; i < 20; i++) {
      const device = i % 2 === 0 ? a : other;
      const mutation = device.create('weight', kg(60 + i));
      await device.push(mutation);
      made.push(mutation['id']);
      const page = await drainSync(i % 3 === 0 ? person : other.api, { cursor });
      cursor = page.cursor;
      seen.push(...page.changes);
    }
    expect(seen.map(({ id }) => id)).toEqual(made);
    const stamps = seen.map(({ updated_at }) => Date.parse(updated_at));
    expect(stamps).toEqual([...new Set(stamps)].toSorted((x, y) => x - y));
    // The other way of reading has the same result.
    const { entries } = (await other.api.get('/api/health-metrics/weight/sync?limit=100')).body;
    expect(entries.map((entry: Wire) => entry['server_id'])).toEqual(made);
  });

  it('F17 the newer of two edits through different servers wins on both', async () => {
    const { person, a } = await twoPhones(apps[0].api);
    const other = new Api(apps[1].url, person.headers, person.account);
    const record = await shared(a, 'weight');
    await person.put(`/api/health-metrics/weight/${record['id']}`, { weight_value: 80, unit: 'kg' });
    await other.put(`/api/health-metrics/weight/${record['id']}`, { weight_value: 90, unit: 'kg' });
    expect((await seenOf(person, record['id']))?.['data']).toEqual(weightData(kg(90)));
    expect((await seenOf(other, record['id']))?.['data']).toEqual(weightData(kg(90)));
  });
});
