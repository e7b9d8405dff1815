import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { healthMetric } from '../src/definitions.generated.js';
import { createClient } from '../src/hale.js';
import type { HealthMetricFields } from '../src/kinds.generated.js';
import { readingId } from '../src/health.js';
import { MemoryStorage } from '../src/storage/memory.js';
import { backup } from './support/restores.js';
import { type Api, PASSWORD } from '../../../test/support/api.js';
import { TestApp } from '../../../test/support/app.js';
import { hasDatabase } from '../../../test/support/database.js';
import { bulk, reading } from '../../../test/support/readings.js';

describe.runIf(hasDatabase())('uploads of an app that was offline', () => {
  const ID = readingId('heart_rate', 'watch', 'sample-1');
  let app: TestApp;
  let opened: { close(): Promise<void> }[] = [];
  let time = 0;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterEach(async () => {
    for (const hale of opened) await hale.close();
    opened = [];
  });
  afterAll(() => app.stop());

  async function phone(person: Api) {
    const hale = await createClient({
      url: app.url,
      storage: new MemoryStorage(),
      kinds: [healthMetric],
      realtime: false,
      // No two edits are made at one time, as by a person and an app.
      runtime: { now: () => (time = Math.max(Date.now(), time + 1)) },
    });
    opened.push(hale);
    await hale.login({ email: person.account['email'] as string, password: PASSWORD });
    return hale;
  }

  const pulse = (value: number) =>
    reading('heart_rate', {
      value,
      source: 'watch',
      external_id: 'sample-1',
    }) as unknown as HealthMetricFields;
  const held = async (person: Api) =>
    (await person.get(`/api/health-metrics/heart_rate/${ID}`)).body['value'] as number;

  it('what the person corrected before the first push is not taken for what the source said', async () => {
    const ada = await app.api.register();
    const hale = await phone(ada);
    const readings = hale.records('health_metric');
    await readings.create(pulse(80), ID);
    await readings.update(ID, { value: 75 });
    await hale.sync();
    expect(await held(ada)).toBe(75);
    expect((await bulk(ada, [{ ...pulse(80) }]))[0]).toMatchObject({ status: 'unchanged' });
    expect(await held(ada)).toBe(75);
  });

  it('a waiting correction is not overwritten when the app uploads the reading again in the background', async () => {
    const ada = await app.api.register();
    const hale = await phone(ada);
    const readings = hale.records('health_metric');
    await readings.create(pulse(80), ID);
    await hale.sync();
    await readings.update(ID, { value: 75 });
    await readings.create(pulse(80), ID);
    await hale.sync();
    expect(await held(ada)).toBe(75);
    await readings.update(ID, { value: 76 });
    await readings.create(pulse(81), ID);
    await hale.sync();
    // The source says something new: it takes effect, and what the person typed is kept.
    expect(await held(ada)).toBe(81);
    const { body } = await ada.get('/api/sync/conflicts?status=open');
    expect(body['data']).toMatchObject([{ record_id: ID, loser: { data: { value: 76 } } }]);
  });

  it('a correction that a restored service lost is not taken for what the source said', async () => {
    const ada = await app.api.register();
    const [a, b] = [await phone(ada), await phone(ada)];
    const restore = await backup(app, a.user?.id ?? '');
    const readings = a.records('health_metric');
    await readings.create(pulse(80), ID);
    await a.sync();
    await readings.update(ID, { value: 75 });
    await a.sync();
    await b.sync();
    await restore();
    await b.sync();
    await a.sync();
    expect(await held(ada)).toBe(75);
    expect((await bulk(ada, [pulse(80)]))[0]).toMatchObject({ status: 'unchanged' });
    expect(await held(ada)).toBe(75);
    for (const { status } of [a, b]) expect(status.value).toMatchObject({ needsAttention: 0, conflicts: 0 });
    // What the source says otherwise is still news.
    await bulk(ada, [pulse(81)]);
    expect(await held(ada)).toBe(81);
  });

  it('a reading that a restored service lost is one that its source uploaded', async () => {
    const ada = await app.api.register();
    const hale = await phone(ada);
    const restore = await backup(app, hale.user?.id ?? '');
    await hale.records('health_metric').create(pulse(80), ID);
    await hale.sync();
    await restore();
    await hale.sync();
    expect((await bulk(ada, [pulse(80)]))[0]).toMatchObject({ status: 'unchanged' });
    expect((await bulk(ada, [pulse(82)]))[0]).toMatchObject({ status: 'updated' });
    expect(await held(ada)).toBe(82);
  });

  it('a reading that the person restored is restored again where the service lost that', async () => {
    const ada = await app.api.register();
    const hale = await phone(ada);
    const readings = hale.records('health_metric');
    await readings.create(pulse(80), ID);
    await hale.sync();
    await readings.delete(ID);
    await hale.sync();
    const restore = await backup(app, hale.user?.id ?? '');
    await readings.create({ ...pulse(74), external_id: null }, ID);
    await hale.sync();
    await readings.update(ID, { external_id: 'sample-1' });
    await hale.sync();
    expect(await held(ada)).toBe(74);
    await restore();
    await hale.sync();
    expect(hale.status.value).toMatchObject({ needsAttention: 0, upToDate: true });
    expect(await held(ada)).toBe(74);
  });

  it('a person sees the correction, and not what the source uploads again', async () => {
    const ada = await app.api.register();
    const hale = await phone(ada);
    const readings = hale.records('health_metric');
    const value = async () => (await readings.get(ID))?.fields.value;
    await readings.create(pulse(80), ID);
    await hale.sync();
    await readings.update(ID, { value: 75 });
    await readings.create(pulse(80), ID);
    expect(await value()).toBe(75);
    await hale.sync();
    await readings.create(pulse(80), ID);
    expect(await value()).toBe(75);
    await readings.update(ID, { note: 'after the run' });
    expect((await readings.get(ID))?.fields).toMatchObject({ value: 75, note: 'after the run' });
    await hale.sync();
    expect(await held(ada)).toBe(75);
    // What the source says otherwise is seen once the service has it.
    await readings.create(pulse(81), ID);
    expect(await value()).toBe(75);
    await hale.sync();
    expect(await value()).toBe(await held(ada));
  });

  it('an upload leaves what was refused of the person’s edits', async () => {
    const ada = await app.api.register();
    const hale = await phone(ada);
    const readings = hale.records('health_metric');
    await readings.create(pulse(80), ID);
    await hale.sync();
    await readings.update(ID, { value: 76, time_zone: 'Mars/Olympus' });
    await hale.sync();
    const refused = { recordId: ID, fields: { value: 76, time_zone: 'Mars/Olympus' } };
    expect(await hale.needsAttention.list()).toMatchObject([refused]);
    await readings.create(pulse(80), ID);
    await hale.sync();
    expect(await hale.needsAttention.list()).toMatchObject([refused]);
    await readings.update(ID, { value: 77, time_zone: 'Europe/Vienna' });
    await hale.sync();
    expect([await held(ada), await hale.needsAttention.list()]).toEqual([77, []]);
  });

  it('a reading that was uploaded and deleted before the first push stays deleted', async () => {
    const ada = await app.api.register();
    const hale = await phone(ada);
    const readings = hale.records('health_metric');
    await readings.create(pulse(80), ID);
    await readings.delete(ID);
    await hale.sync();
    expect((await bulk(ada, [{ ...pulse(80) }]))[0]).toMatchObject({ status: 'deleted' });
  });
});
