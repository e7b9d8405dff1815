import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readingId } from '../../../src/modules/health/health-metrics/reading-id.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { listAll, READINGS } from '../../support/readings.js';
import { Device, drainSync, type Wire } from '../../support/sync.js';
import { change } from '../../support/people.js';
import { until } from '../../support/until.js';
import { drain, entry, push, WEIGHT } from '../../support/weights.js';

/*
 * The invariants of weights that a source uploads. Each has tests that try to break it.
 * W1 An upload that is repeated, by any route and at once, makes one weight, of one person, and changes nothing.
 * W2 A client that does not know the new fields changes none of them, and gets what it got before from FR-026's routes.
 * W3 What a person corrected is kept when the source says the same, and is in a conflict when it says something else.
 * W4 The local day is that of the zone that was sent, else of the profile; another zone alone moves no weight.
 * W5 A source is listed, counted, deleted and restored with its weights, and a weight that was deleted with it stays deleted.
 */
const NEW = new Set(['source', 'external_id', 'device', 'time_zone', 'local_date', 'utc_offset_min']);

describe.runIf(hasDatabase())('weights of a source', () => {
  let app: TestApp;
  let ada: Api;
  beforeAll(async () => {
    app = await TestApp.start();
    ada = await app.api.register({ time_zone: 'Europe/Vienna' });
  });
  afterAll(() => app.stop());

  /** What a scale says, in the evening of the day before in New York. */
  const weighing = (name: string, values: Wire = {}): Wire => ({
    weight_value: 75.5,
    unit: 'kg',
    timestamp: '2026-01-07T03:30:00.000Z',
    source: 'scale',
    external_id: name,
    device: 'Scale',
    time_zone: 'America/New_York',
    ...values,
  });
  const PLACED = { time_zone: 'America/New_York', local_date: '2026-01-06', utc_offset_min: -300 };
  const idOf = (name: string): string => readingId('body_weight', 'scale', name);
  const weight = async (id: string): Promise<Wire> => (await ada.get(`${WEIGHT}/${id}`)).body;
  const upload = async (values: Wire): Promise<Wire> => {
    const { status, body } = await ada.post(WEIGHT, values);
    expect([status, body]).toEqual([201, body]);
    return body;
  };
  const openConflicts = async (id: string): Promise<Wire[]> =>
    ((await ada.get('/api/sync/conflicts?status=open&limit=500')).body['data'] as Wire[]).filter(
      (one) => one['record_id'] === id,
    );

  it('W1 are stored once, whoever uploads them, and how often at once', async () => {
    const devices = await Promise.all([1, 2, 3].map(() => new Device(ada).ready()));
    const id = idOf('burst');
    const answers = await Promise.all([
      ...Array.from({ length: 5 }, () => ada.post(WEIGHT, weighing('burst'))),
      ...devices.map((device) => device.send([device.create('weight', weighing('burst'), { id })])),
    ]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 201]));
    expect(await weight(id)).toMatchObject({ ...weighing('burst'), ...PLACED, id, version: 1 });
    const { cursor } = await drainSync(ada);
    await upload(weighing('burst'));
    expect((await drainSync(ada, { cursor })).changes).toEqual([]);
    const eve = await app.api.register();
    const { body } = await eve.post(WEIGHT, weighing('burst', { weight_value: 90 }));
    expect(body).toMatchObject({ id, weight_value: 90 });
    expect((await weight(id))['weight_value']).toBe(75.5);
    expect((await eve.delete(`${WEIGHT}/${id}`)).status).toBe(204);
    expect((await weight(id))['version']).toBe(1);
  });

  it('W1 cannot be stored under another id, or without a source', async () => {
    const id = randomUUID();
    const rest = await ada.post(WEIGHT, weighing('other', { id }));
    expect([rest.status, rest.body['errors'][0].field]).toEqual([422, 'external_id']);
    const device = await new Device(ada).ready();
    const { source: _, ...nameless } = weighing('other');
    const results = await device.push(
      device.create('weight', weighing('other'), { id }),
      device.create('weight', nameless, { id: idOf('other') }),
      device.create('weight', weighing('other', { source: null }), { id: idOf('other') }),
      device.create('weight', weighing('other', { time_zone: 'Mars/Olympus' }), { id: idOf('other') }),
      device.create('weight', weighing('other'), { id: idOf('other') }),
      device.update({ kind: 'weight', id: idOf('other'), version: 1 }, { external_id: null }),
    );
    expect(results.map(({ error }) => error?.field)).toEqual([
      'fields.external_id',
      'fields.source',
      'fields.source',
      'fields.time_zone',
      undefined,
      'fields.source',
    ]);
    const renamed = await ada.put(`${WEIGHT}/${idOf('other')}`, { source: 'watch' });
    expect([renamed.status, renamed.body['errors'][0].field]).toEqual([422, 'external_id']);
    // Without an id of the source, any id is right, and the person may correct the source.
    const manual = await upload({ weight_value: 75.5, unit: 'kg', timestamp: '2026-01-09T06:00:00Z' });
    expect(Object.keys(manual).filter((name) => NEW.has(name))).toEqual([]);
    const { body } = await ada.put(`${WEIGHT}/${manual['id']}`, { source: 'watch' });
    expect(body).toMatchObject({ source: 'watch', external_id: null, local_date: '2026-01-09' });
  });

  it('W2 are written by a client that sends null for an id that it does not know', async () => {
    const old = { weight_value: 76, unit: 'kg', timestamp: '2026-01-07T03:30:00.000Z', external_id: null };
    const device = await new Device(ada).ready();
    const { id } = await upload(weighing('null-id'));
    const manual = await upload(old);
    const [created, changed] = await device.push(
      device.create('weight', old),
      device.update({ kind: 'weight', id, version: 1 }, old),
    );
    expect([created, changed]).toMatchObject([{ status: 'applied' }, { status: 'applied' }]);
    for (const one of [manual['id'], created!['id']])
      expect((await ada.get(`${READINGS}/body_weight/${one}`)).body).toMatchObject({
        value: 76,
        source: 'manual',
        external_id: null,
      });
    expect(await weight(id)).toMatchObject({ weight_value: 76, source: 'scale', external_id: 'null-id' });
    const put = await ada.put(`${WEIGHT}/${manual['id']}`, { ...old, weight_value: 77 });
    expect([put.status, put.body['weight_value']]).toEqual([200, 77]);
    // With the source it is said: the weight then belongs to none of its uploads.
    const { body } = await ada.put(`${WEIGHT}/${id}`, { external_id: null, source: 'scale' });
    expect(body).toMatchObject({ source: 'scale', external_id: null });
    // A null for the device removes it, because a weight may have none.
    const { version } = body;
    await device.push(device.update({ kind: 'weight', id, version }, { device: null }));
    expect(await weight(id)).toMatchObject({ source: 'scale', device: null });
  });

  it('W2 keep their source whatever a client does that does not know it', async () => {
    const { id } = await upload(weighing('old-client'));
    const kept = { ...PLACED, source: 'scale', external_id: 'old-client', device: 'Scale' };
    const old = { weight_value: 76, unit: 'kg', timestamp: '2026-01-07T03:30:00.000Z' };
    const device = await new Device(ada).ready();
    const target = { kind: 'weight', id, version: 1 };
    await device.push(device.update(target, old));
    await device.push(device.create('weight', { ...old, weight_value: 77 }, { id }));
    expect(await weight(id)).toMatchObject({ ...kept, weight_value: 77 });
    await ada.put(`${WEIGHT}/${id}`, { weight_value: 78, unit: 'kg' });
    const { version } = await weight(id);
    const { body } = await push(ada, entry('p1', { ...old, server_id: id, weight_value: 79, version }));
    expect(body['synced']).toMatchObject([{ server_id: id, status: 'updated' }]);
    expect(await weight(id)).toMatchObject({ ...kept, weight_value: 79 });
    const pulled = (await drain(ada)).entries.find((one) => one['server_id'] === id);
    expect(Object.keys(pulled!).filter((name) => NEW.has(name))).toEqual([]);
    const refused = await push(ada, entry('p2', { source: 'scale' }));
    expect(refused.body['rejected']).toMatchObject([{ code: 'unknown-field', field: 'source' }]);
    // Deleted and restored by it, too.
    const { cursor } = await drainSync(ada);
    await push(ada, { local_id: 'p1', deleted: true, modified_at: new Date().toISOString() });
    const [tombstone] = (await drainSync(ada, { cursor })).changes;
    expect(tombstone).toMatchObject({ id, deleted: true });
    await device.push(device.update({ ...target, version: tombstone!['version'] }, old));
    expect(await weight(id)).toMatchObject({ ...kept, weight_value: 76 });
  });

  it('W2 are not meant by a client that sends an entry of the person again', async () => {
    const eve = await app.api.register();
    for (const [index, isScaleFirst] of [true, false].entries()) {
      const measured = { weight_value: 75.5, unit: 'kg', timestamp: `2026-01-0${index + 1}T06:00:00.000Z` };
      const scale = () => eve.post(WEIGHT, { ...measured, source: 'scale', external_id: `again-${index}` });
      const own = () => eve.post(WEIGHT, measured);
      const answers = isScaleFirst ? [await scale(), await own()] : [await own(), await scale()];
      expect(answers.map(({ status }) => status)).toEqual([201, 201]);
      const [ofScale, ofPerson] = isScaleFirst ? answers : answers.toReversed();
      const again = (name: string) => push(eve, entry(name, measured));
      const { body } = await again(`first-${index}`);
      expect(body['synced']).toMatchObject([{ server_id: ofPerson!.body['id'], status: 'duplicate' }]);
      // A deleted entry is meant only where no other one is there.
      await eve.delete(`${WEIGHT}/${ofPerson!.body['id']}`);
      const after = await again(`second-${index}`);
      expect(after.body['synced']).toMatchObject([{ server_id: ofScale!.body['id'], status: 'duplicate' }]);
    }
  });

  it('W3 keep what the person corrected, and lose nothing when the source says something else', async () => {
    const { id } = await upload(weighing('corrected'));
    await ada.put(`${WEIGHT}/${id}`, { weight_value: 80, unit: 'kg' });
    const corrected = await weight(id);
    expect(await upload(weighing('corrected'))).toEqual(corrected);
    // A device is news, and concerns no value that the person typed.
    expect(await upload(weighing('corrected', { device: 'Scale 2' }))).toMatchObject({
      weight_value: 80,
      device: 'Scale 2',
    });
    expect(await openConflicts(id)).toEqual([]);
    expect(await upload(weighing('corrected', { weight_value: 90 }))).toMatchObject({ weight_value: 90 });
    const [conflict] = await openConflicts(id);
    expect(conflict).toMatchObject({ loser: { data: { weight_value: 80 } } });
    const both = await ada.post(`/api/sync/conflicts/${conflict!['id']}/resolve`, { choice: 'keep_both' });
    expect([both.status, both.body['record']]).toMatchObject([
      200,
      { data: { weight_value: 80, source: 'scale', external_id: null, ...PLACED } },
    ]);
    await ada.delete(`${WEIGHT}/${id}`);
    const again = await ada.post(WEIGHT, weighing('corrected'));
    expect([again.status, again.body['type']]).toEqual([409, '/problems/id-taken']);
  });

  it('W3 lose nothing of a weight that was imported before weights had a source', async () => {
    const ids = ['same', 'typed'].map((name) => idOf(`legacy-${name}`));
    for (const name of ['same', 'typed']) await upload(weighing(`legacy-${name}`));
    await ada.put(`${WEIGHT}/${ids[1]}`, { weight_value: 80, unit: 'kg' });
    await change(
      app,
      "UPDATE weight_entries SET clocks = '{}', source = 'manual', external_id = NULL, device = NULL, uploaded = NULL WHERE user_id = ?",
      [ada.userId],
    );
    for (const name of ['same', 'typed']) await upload(weighing(`legacy-${name}`));
    const conflicts = await Promise.all(ids.map(openConflicts));
    expect(conflicts).toMatchObject([[], [{ loser: { data: { weight_value: 80 } } }]]);
    expect(await weight(ids[0]!)).toMatchObject({ source: 'scale', device: 'Scale', ...PLACED });
  });

  it('W4 are on the day of the zone that was sent, and stay there when only the zone is another', async () => {
    const { id } = await upload(weighing('placed'));
    const shown = { ...PLACED, source: 'scale', external_id: 'placed', device: 'Scale' };
    expect(await upload(weighing('placed', { time_zone: 'Asia/Tokyo' }))).toMatchObject({
      ...shown,
      version: 1,
    });
    const { body } = await ada.get(`${READINGS}/body_weight/${id}`);
    expect(body).toMatchObject({ ...shown, local_hour: 22 });
    const item = (await ada.get('/api/timeline?kinds=weight&from=2026-01-06&to=2026-01-06')).body[
      'data'
    ].find((one: Wire) => one['id'] === id);
    expect(item).toMatchObject({ local_date: '2026-01-06', data: shown });
    const observed = (await ada.get(`${READINGS}/fhir?from=2026-01-06&to=2026-01-06`)).body['entry'].find(
      ({ resource }: Wire) => resource.id === id,
    );
    expect(observed.resource).toMatchObject({
      effectiveDateTime: '2026-01-06T22:30:00.000-05:00',
      identifier: [{ value: 'placed' }],
      device: { display: 'Scale' },
      meta: { source: expect.stringContaining('/api/sources/scale') },
    });
    const moved = await upload(
      weighing('placed', { timestamp: '2026-01-08T18:00:00Z', time_zone: 'Asia/Tokyo' }),
    );
    expect(moved).toMatchObject({ time_zone: 'Asia/Tokyo', local_date: '2026-01-09', utc_offset_min: 540 });
    const { time_zone: _, ...here } = weighing('here', { timestamp: '2026-01-07T23:30:00Z' });
    expect(await upload(here)).toMatchObject({ time_zone: 'Europe/Vienna', local_date: '2026-01-08' });
    expect((await ada.put(`${WEIGHT}/${id}`, { time_zone: 'UTC' })).body).toMatchObject({
      local_date: '2026-01-08',
    });
  });

  it('W4 are placed by the first zone that their source names, also later', async () => {
    const { time_zone: zone, ...unplaced } = weighing('late-zone');
    const { id } = await upload(unplaced);
    const shown = async (): Promise<Wire> =>
      (await listAll(ada, `${READINGS}/body_weight`)).find((one) => one['id'] === id)!;
    expect(await shown()).toMatchObject({ time_zone: 'Europe/Vienna', local_date: '2026-01-07' });
    await upload({ ...unplaced, time_zone: zone });
    expect(await shown()).toMatchObject(PLACED);
    // From here on, another zone alone is no news, and one that says nothing changes nothing.
    await upload({ ...unplaced, time_zone: 'Asia/Tokyo' });
    await upload(unplaced);
    expect(await shown()).toMatchObject(PLACED);
    // A zone that the person has set stays.
    const other = weighing('own-zone');
    const made = await upload({ ...unplaced, external_id: other['external_id'] });
    expect((await ada.put(`${WEIGHT}/${made['id']}`, { time_zone: 'Asia/Tokyo' })).status).toBe(200);
    await upload(other);
    const all = await listAll(ada, `${READINGS}/body_weight`);
    expect(all.find((one) => one['id'] === made['id'])).toMatchObject({ time_zone: 'Asia/Tokyo' });
  });

  it('W5 are listed, counted, deleted and restored with their source', async () => {
    const bob = await app.api.register();
    const at = (minute: number): string => new Date(Date.UTC(2026, 0, 6, 7, minute)).toISOString();
    for (const [source, count] of [
      ['scale', 3],
      ['watch', 2],
      ['manual', 1],
    ] as const)
      for (let minute = 0; minute < count; minute++)
        await bob.post(WEIGHT, weighing(`w-${minute}`, { source, timestamp: at(minute) }));
    const before = await listAll(bob, WEIGHT);
    const ofScale = await listAll(bob, `${WEIGHT}?source=scale`, 2);
    expect(ofScale).toEqual(before.filter(({ source }) => source === 'scale'));
    expect((await bob.get(`${WEIGHT}?source=scale&since=${at(1)}`)).body['pagination'].total).toBe(2);
    const sourceOf = (one: Wire): unknown => one['source'];
    for (const path of [READINGS, `${READINGS}/body_weight`])
      expect((await listAll(bob, `${path}?source=watch`)).map(sourceOf)).toEqual(['watch', 'watch']);
    const kinds = [{ kind: 'weight', count: 3, first_at: at(0), last_at: at(2) }];
    const { data } = (await bob.get('/api/sources')).body;
    expect(data.map(sourceOf)).toEqual(['manual', 'scale', 'watch']);
    expect(data[1]).toMatchObject({ source: 'scale', count: 3, kinds });

    const { body: counted } = await bob.delete('/api/sources/scale?dry_run=true');
    expect(counted).toMatchObject({ records_deleted: 3, kinds: [{ kind: 'weight', count: 3 }] });
    expect(await listAll(bob, WEIGHT)).toEqual(before);
    const { body: deletion } = await bob.delete('/api/sources/scale');
    const ended = (status: string): Promise<unknown> =>
      until(
        async () => (await bob.get(`/api/sources/deletions/${deletion['id']}`)).body['status'] === status,
      );
    await ended('deleted');
    expect((await bob.post(WEIGHT, weighing('w-0', { timestamp: at(0) }))).status).toBe(409);
    expect(await listAll(bob, WEIGHT)).toEqual(before.filter(({ source }) => source !== 'scale'));
    await bob.post(`/api/sources/deletions/${deletion['id']}/undo`);
    await ended('undone');
    const content = (one: Wire): Wire => ({ ...one, version: 0, updated_at: '' });
    expect((await listAll(bob, WEIGHT)).map(content)).toEqual(before.map(content));
  });
});
