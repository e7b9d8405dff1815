import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { bulk, listAll, reading, READINGS, writtenKinds } from '../../support/readings.js';
import { Device, drainSync, shown, type Wire } from '../../support/sync.js';

/*
 * The person's own words for a mood.
 * G1 Tags are answered as they were sent, in their order, wherever a reading is answered; none are null.
 * G2 Wrong tags are refused with 422 that names the field, and no kind without tags ever has some, whatever is edited in what order.
 * G3 Tags are a group: edits of the value and of the tags, on two devices, both count.
 * G4 A list stays below its limit of bytes with the longest tags.
 */
const SMILE = '🙂';
const TAGS = ['work', 'sleep', 'a long walk, "alone"', SMILE.repeat(32), 'Größe', 'work '];

describe.runIf(hasDatabase())('tags of a mood', () => {
  let app: TestApp;
  let ada: Api;
  beforeAll(async () => {
    app = await TestApp.start();
    ada = await app.api.register();
  });
  afterAll(() => app.stop());

  const mood = (tags: unknown, values: Wire = {}): Wire => reading('mood', { value: 4, tags, ...values });
  const created = async (tags: unknown): Promise<Wire> => {
    const { status, body } = await ada.post(READINGS, mood(tags));
    expect([status, body['errors']]).toEqual([201, undefined]);
    return body;
  };
  const synced = async (id: string): Promise<Wire> =>
    shown((await drainSync(ada)).changes).get(id)!['data'] as Wire;

  it('G1 are answered as they were sent, in their order, everywhere', async () => {
    const { id } = await created(TAGS);
    const rowOf = async (path: string): Promise<Wire> => {
      const { body } = await ada.get(path);
      return (body['data'] as Wire[]).find((row) => row['id'] === id)!;
    };
    const item = await rowOf('/api/timeline?from=2026-01-06&to=2026-01-06');
    const rows = [
      await rowOf(`${READINGS}/mood`),
      await rowOf(READINGS),
      await rowOf(`${READINGS}/latest`),
      (await ada.get(`${READINGS}/mood/${id}`)).body,
      item['data'] as Wire,
      await synced(id),
    ];
    for (const row of rows) expect(row['tags']).toEqual(TAGS);
    const energy = reading('energy_level', { tags: ['b', 'a'] });
    expect((await ada.post(READINGS, energy)).body).toMatchObject({ tags: ['b', 'a'] });
  });

  it('G1 are null when there are none, and are removed by null and by an empty list', async () => {
    for (const tags of [undefined, null, []]) expect((await created(tags))['tags']).toBeNull();
    for (const none of [null, []]) {
      const { id } = await created(['x']);
      const changed = await ada.patch(`${READINGS}/mood/${id}`, { tags: none });
      expect([changed.status, changed.body['tags'], changed.body['value']]).toEqual([200, null, 4]);
      expect((await synced(id))['tags']).toBeNull();
    }
    await ada.post(`${READINGS}/weight`, { weight_value: 75, unit: 'kg', timestamp: '2026-01-06T06:40:00Z' });
    expect((await ada.get(`${READINGS}/body_weight`)).body['data']).toMatchObject([{ tags: null }]);
  });

  it('G2 refuses wrong tags, by REST, in bulk and by sync', async () => {
    const wrong: unknown[] = [
      'work',
      ['a', 'a'],
      [''],
      ['x'.repeat(33)],
      [SMILE.repeat(33)],
      Array.from({ length: 11 }, (_, index) => `tag ${index}`),
      [1],
      [null],
      [['a']],
      [{ a: 1 }],
      ['a\u0000b'],
      ['a\nb'],
      ['\ud800'],
      { length: 1 },
    ];
    const device = await new Device(ada).ready();
    const { id, version } = await created(['kept']);
    for (const tags of wrong) {
      for (const answer of [
        await ada.post(READINGS, mood(tags)),
        await ada.patch(`${READINGS}/mood/${id}`, { tags }),
      ])
        expect([tags, answer.status, answer.body['errors']?.[0]?.field]).toEqual([tags, 422, 'tags']);
      expect(await bulk(ada, [mood(tags)])).toMatchObject([{ status: 'rejected', error: { field: 'tags' } }]);
    }
    const pushed = await device.push(
      ...wrong.map((tags) => device.update({ kind: 'health_metric', id, version }, { tags })),
    );
    expect(pushed.map(({ status }) => status)).toEqual(wrong.map(() => 'rejected'));
    expect((await ada.get(`${READINGS}/mood/${id}`)).body).toMatchObject({ tags: ['kept'], version });
  });

  it('G2 no kind without tags ever has some', async () => {
    const own = (await ada.post('/api/custom-metrics', { name: 'Cups', unit: 'cups', roll_up: 'sum' })).body;
    const custom = { ...reading('mood'), metric: `custom:${own['id']}`, unit: 'cups' };
    const others = writtenKinds.filter(({ hasTags }) => !hasTags).map(({ name }) => reading(name));
    const sent = [...others, custom].map((one) => ({ ...one, tags: ['x'] }));
    const refused = { status: 'rejected', error: { field: 'tags', code: 'not-allowed' } };
    expect(await bulk(ada, sent)).toMatchObject(sent.map(() => refused));
    const [pulse] = await bulk(ada, [reading('heart_rate', { id: randomUUID() })]);
    const change = await ada.patch(`${READINGS}/heart_rate/${pulse!['id']}`, { tags: ['x'] });
    expect([change.status, change.body['errors'][0].field]).toEqual([422, 'tags']);

    // By sync the kind and the tags are different groups: one of the two edits is refused, whichever comes first.
    const phone = await new Device(ada).ready();
    const fields = reading('pain', { value: 3 });
    for (const isOnePush of [true, false]) {
      const { id, version } = await created(['x']);
      const target = { kind: 'health_metric', id, version };
      const edits = [
        phone.update(target, fields),
        phone.update(target, { tags: ['y'] }),
        phone.update(target, { ...fields, tags: null }),
        phone.update(target, { tags: ['z'] }),
      ];
      const results: Wire[] = [];
      for (const some of isOnePush ? [edits] : edits.map((edit) => [edit]))
        results.push(...(await phone.push(...some)));
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'applied', 'applied', 'rejected']);
      expect(await synced(id)).toMatchObject({ metric: 'pain', tags: null });
    }
    const [row] = await app.db.rows<{ found: unknown }>(
      "SELECT COUNT(*) AS found FROM health_metrics WHERE user_id = ? AND tags IS NOT NULL AND metric NOT IN ('mood', 'energy_level')",
      [ada.userId],
    );
    expect(Number(row!.found)).toBe(0);
  });

  it('G3 edits of the value and of the tags on two devices both count, also in a burst', async () => {
    const { id, version } = await created(null);
    const target = { kind: 'health_metric', id, version };
    const [phone, watch] = [await new Device(ada).ready(), await new Device(ada).ready()];
    const { tags: _, ...fields } = mood(null, { value: 2 });
    const [[tagged], [scored]] = await Promise.all([
      phone.push(phone.update(target, { tags: ['rain'] })),
      watch.push(watch.update(target, fields)),
    ]);
    expect([tagged!['status'], scored!['status']]).toEqual(['applied', 'applied']);
    expect(await synced(id)).toMatchObject({ value: 2, tags: ['rain'] });
    const patches = Array.from({ length: 8 }, (_unused, index) =>
      ada.patch(`${READINGS}/mood/${id}`, index % 2 ? { tags: [`t${index}`] } : { note: `n${index}` }),
    );
    expect((await Promise.all(patches)).map(({ status }) => status)).toEqual(patches.map(() => 200));
    const { tags, note } = await synced(id);
    expect([tags[0][0], note[0]]).toEqual(['t', 'n']);
    // A source that uploads the reading again, without tags, leaves them.
    const upload = mood(undefined, { source: 'watch', external_id: 'm-1' });
    const [first] = await bulk(ada, [upload]);
    await ada.patch(`${READINGS}/mood/${first!['id']}`, { tags: ['mine'] });
    expect(await bulk(ada, [{ ...upload, value: 5 }])).toMatchObject([{ status: 'updated' }]);
    expect(await synced(first!['id'])).toMatchObject({ value: 5, tags: ['mine'] });
  });

  it('G4 a page of the longest tags stays below the limit of bytes', async () => {
    const eve = await app.api.register();
    const longest = Array.from({ length: 10 }, (_, index) => `${index}${'"'.repeat(31)}`);
    const rows = Array.from({ length: 400 }, () =>
      mood(longest, { id: randomUUID(), note: '"'.repeat(1_000) }),
    );
    for (let from = 0; from < rows.length; from += 100) await bulk(eve, rows.slice(from, from + 100));
    for (const path of [READINGS, `${READINGS}/mood`]) {
      const { status, body } = await eve.get(`${path}?limit=500`);
      expect([path, status, body['data'].length < 400]).toEqual([path, 200, true]);
      expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(1_100_000);
    }
    expect(await listAll(eve, READINGS)).toHaveLength(400);
  });
});
