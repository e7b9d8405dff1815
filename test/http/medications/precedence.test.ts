import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slotId } from '../../../src/modules/health/medications/slot-id.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { chooseSeed, seededRandom } from '../../support/random.js';
import { Device, type Wire } from '../../support/sync.js';
import { liveOf } from '../sync/support.js';
import { created, dosesOf, INTAKES, LOTS, MEDICATIONS, onSchedule, ticked } from './support.js';

/*
 * The invariants of a dose that was taken. Each has tests that try to break it.
 * T1 "skipped" and "snoozed", and a deletion, replace "taken" only if their author had seen it. What loses is kept as a conflict.
 * T2 In whatever order three phones and a carer arrive, one dose comes out the same, and the stock equals a recount.
 * T3 Whoever has seen that a dose was taken can correct and delete it.
 */
describe.runIf(hasDatabase())('a dose that was taken', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  type Ids = { medicationId: string; scheduleId: string };
  const KIND = 'medication_intake';
  const nothing = { taken_at: null, amount: null };
  const day = (index: number) => `2026-01-${String(index + 1).padStart(2, '0')}`;
  const slotOf = (index: number) => `${day(index)}T08:00`;
  const at = (index: number, minute: number) => `${day(index)}T08:${String(minute).padStart(2, '0')}:00.000Z`;
  const said = (ids: Ids, index: number, status: string, minute: number): Wire =>
    ticked(ids, slotOf(index), {
      status,
      ...(status === 'taken' ? { taken_at: at(index, minute) } : nothing),
      ...(status === 'snoozed' ? { snoozed_until: at(index, minute + 10) } : {}),
    });
  const push = (device: Device, mutation: Wire) => device.push(mutation).then(([result]) => result!);
  const tell = (device: Device, ids: Ids, index: number, status: string, minute: number, more: Wire = {}) =>
    push(
      device,
      device.create(KIND, said(ids, index, status, minute), {
        id: slotId(ids.scheduleId, slotOf(index)),
        modified_at: at(index, minute),
        ...more,
      }),
    );
  const phones = (person: Api, count: number) =>
    Promise.all(Array.from({ length: count }, () => new Device(person).ready()));
  const openConflicts = async (person: Api): Promise<Wire[]> =>
    (await person.get('/api/sync/conflicts?status=open&limit=500')).body['data'];
  const ORDERS = permutations([0, 1, 2, 3]);

  it('T1 what a phone says after it took back the tick of another one is in effect', async () => {
    const person = await app.api.register();
    const ids = await onSchedule(person, { time_zone: 'UTC' });
    const [watch, phone] = (await phones(person, 2)) as [Device, Device];
    const id = slotId(ids.scheduleId, slotOf(1));
    await tell(watch, ids, 1, 'taken', 1);
    const taken = { kind: KIND, id, version: 1 };
    expect(await push(phone, phone.delete(taken, { base_version: 1, modified_at: at(1, 5) }))).toMatchObject({
      status: 'applied',
    });
    expect(await tell(phone, ids, 1, 'skipped', 6)).toMatchObject({ status: 'applied' });
    expect(await dosesOf(person, day(1), day(1))).toMatchObject([{ state: 'skipped' }]);
  });

  it.each(['skipped', 'snoozed'])(
    'T1 a later %s of a phone that was offline does not replace it',
    async (status) => {
      const person = await app.api.register();
      const ids = await onSchedule(person, { time_zone: 'UTC' });
      await created(person, LOTS, { medication_id: ids.medicationId, units: 10, added_at: at(0, 0) });
      const [a, b] = (await phones(person, 2)) as [Device, Device];
      // The tick arrives first, and then last.
      await tell(a, ids, 1, 'taken', 1);
      expect(await tell(b, ids, 1, status, 30)).toMatchObject({
        status: 'conflict',
        record: { data: { status: 'taken', taken_at: at(1, 1) } },
      });
      await tell(b, ids, 2, status, 30);
      expect(await tell(a, ids, 2, 'taken', 1)).toMatchObject({
        status: 'conflict',
        record: { data: { status: 'taken', taken_at: at(2, 1) } },
      });
      expect(await dosesOf(person, day(1), day(2))).toMatchObject([{ state: 'taken' }, { state: 'taken' }]);
      expect((await person.get(`${MEDICATIONS}/${ids.medicationId}/stock`)).body).toMatchObject({
        units_taken: 2,
        units_left: 8,
      });
      const open = await openConflicts(person);
      expect(open.map(({ loser }) => loser.data.status)).toEqual([status, status]);
      expect(open.map(({ winner }) => winner.data.status)).toEqual(['taken', 'taken']);
      // The person decides otherwise, having seen both.
      for (const { id } of open)
        expect((await person.post(`/api/sync/conflicts/${id}/resolve`, { choice: 'use_other' })).status).toBe(
          200,
        );
      expect((await dosesOf(person, day(1), day(2))).map(({ state }) => state as string)).not.toContain(
        'taken',
      );
      expect((await person.get(`${MEDICATIONS}/${ids.medicationId}/stock`)).body).toMatchObject({
        units_taken: 0,
      });
    },
  );

  it('T1 a deletion by somebody who has only seen that it was put off does not delete it', async () => {
    const person = await app.api.register();
    const ids = await onSchedule(person, { time_zone: 'UTC' });
    const [a, b, c] = (await phones(person, 3)) as [Device, Device, Device];
    for (const index of [1, 2]) {
      const id = slotId(ids.scheduleId, slotOf(index));
      await tell(a, ids, index, 'snoozed', 0);
      const deletion = () =>
        push(c, c.delete({ kind: KIND, id, version: 1 }, { modified_at: at(index, 40) }));
      const tick = () => tell(b, ids, index, 'taken', 20);
      for (const step of index === 1 ? [tick, deletion] : [deletion, tick]) await step();
    }
    expect(await dosesOf(person, day(1), day(2))).toMatchObject([{ state: 'taken' }, { state: 'taken' }]);
  });

  it('T1 both ticks of one dose are kept as two doses, and what was not taken is there once', async () => {
    const person = await app.api.register();
    const ids = await onSchedule(person, { time_zone: 'UTC' });
    await created(person, LOTS, { medication_id: ids.medicationId, units: 10, added_at: at(0, 0) });
    const [a, b] = (await phones(person, 2)) as [Device, Device];
    const both = async () => {
      const [{ id }] = (await openConflicts(person)) as [Wire];
      return person.post(`/api/sync/conflicts/${id}/resolve`, { choice: 'keep_both' });
    };
    await tell(a, ids, 1, 'taken', 1);
    await tell(b, ids, 1, 'taken', 50);
    const kept = await both();
    expect([kept.status, kept.body['record'].data]).toMatchObject([
      200,
      { status: 'taken', schedule_id: null, slot: null, scheduled_for: null },
    ]);
    const { body } = await person.get(`${INTAKES}?limit=500`);
    expect((body['data'] as Wire[]).map(({ taken_at }) => taken_at as string)).toEqual([at(1, 50), at(1, 1)]);
    expect((await person.get(`${MEDICATIONS}/${ids.medicationId}/stock`)).body).toMatchObject({
      units_taken: 2,
    });
    await tell(a, ids, 2, 'taken', 1);
    await tell(b, ids, 2, 'skipped', 50);
    const refused = await both();
    expect([refused.status, refused.body['errors']]).toMatchObject([
      422,
      [{ field: 'choice', code: 'not-allowed' }],
    ]);
    expect((await person.get(INTAKES)).body['pagination'].total).toBe(3);
  });

  it('T2 three phones and a carer give one dose in each of the 24 orders, and the stock equals a recount', async () => {
    const random = seededRandom(chooseSeed());
    const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
    for (let round = 0; round < 4; round++) {
      const person = await app.api.register();
      const ids = await onSchedule(person, { time_zone: 'UTC' });
      await created(person, LOTS, { medication_id: ids.medicationId, units: 100, added_at: at(0, 0) });
      const devices = await phones(person, 4);
      const edits = devices.map((_, place) => ({
        status: pick(['taken', 'skipped', 'snoozed']),
        // Never at the same time, and never in the order of the devices.
        minute: place + 4 * Math.floor(random() * 10),
      }));
      for (const [index, order] of ORDERS.entries())
        for (const place of order) {
          const { status, minute } = edits[place]!;
          await tell(devices[place]!, ids, index, status, minute);
        }
      const stored = (await person.get(`${INTAKES}?limit=500`)).body['data'] as Wire[];
      expect(stored).toHaveLength(ORDERS.length);
      const outcomes = stored.map(({ status, taken_at, snoozed_until, slot }) => {
        const minuteOf = (instant: string | null) =>
          instant && (Date.parse(instant) - Date.parse(`${slot}:00Z`)) / 60_000;
        return JSON.stringify([status, minuteOf(taken_at), minuteOf(snoozed_until)]);
      });
      expect([...new Set(outcomes)], JSON.stringify(edits)).toHaveLength(1);
      const isTaken = edits.some(({ status }) => status === 'taken');
      if (isTaken) expect(stored.map(({ status }) => status as string)).not.toContain('skipped');
      expect(stored[0]!['status'] === 'taken').toBe(isTaken);
      const sum = stored.reduce((all, { amount }) => all + ((amount as number | null) ?? 0), 0);
      expect((await person.get(`${MEDICATIONS}/${ids.medicationId}/stock`)).body).toMatchObject({
        units_taken: sum,
      });
      // Every phone has the same.
      const live = await liveOf(person);
      for (const one of stored)
        expect(live.get(one['id'])?.['data']).toMatchObject({ status: one['status'] });
    }
  });

  it('T3 whoever has seen it skips or deletes it as usual, also with a clock that is late', async () => {
    const person = await app.api.register();
    const ids = await onSchedule(person, { time_zone: 'UTC' });
    const [a, b, c] = (await phones(person, 3)) as [Device, Device, Device];
    for (const index of [1, 2]) await tell(a, ids, index, 'taken', 30);
    const target = (index: number, version: number) => ({
      kind: KIND,
      id: slotId(ids.scheduleId, slotOf(index)),
      version,
    });
    const none = { snoozed_until: null, confirmed: null };
    const skip = b.update(
      target(1, 1),
      { ...none, ...said(ids, 1, 'skipped', 0) },
      { modified_at: at(1, 10) },
    );
    expect(await push(b, skip)).toMatchObject({ status: 'applied', version: 2 });
    expect(await push(b, b.delete(target(2, 1), { modified_at: at(2, 10) }))).toMatchObject({
      status: 'applied',
    });
    expect((await dosesOf(person, day(1), day(2))).map(({ state }) => state as string)).toEqual([
      'skipped',
      'missed',
    ]);
    // A third phone that has seen nothing of it says the same as the first: the correction stays.
    for (const index of [1, 2]) await tell(c, ids, index, 'taken', 29);
    expect((await dosesOf(person, day(1), day(2))).map(({ state }) => state as string)).toEqual([
      'skipped',
      'missed',
    ]);
  });
});

function permutations(items: readonly number[]): number[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) =>
    permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]),
  );
}
