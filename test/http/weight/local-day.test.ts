import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { Device, drainSync, type Wire, weightData, weightFields } from '../../support/sync.js';

describe.runIf(hasDatabase())('the local day of a weight in sync', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  const AUCKLAND = { time_zone: 'Pacific/Auckland', local_date: '2026-01-07', utc_offset_min: 780 };

  it('is that of the profile when the weight was entered, and is in every answer', async () => {
    const ada = await app.api.register({ time_zone: 'Pacific/Auckland' });
    const phone = await new Device(ada).ready();
    const made = phone.create('weight', weightFields(75));
    const again = phone.create('weight', weightFields(75), { id: made['id'] });
    const [, repeated] = await phone.push(made, again);
    expect(repeated).toMatchObject({ status: 'duplicate', record: { data: AUCKLAND } });
    await ada.patch('/api/users/me', { time_zone: 'UTC' });
    await phone.push(phone.update({ ...made, version: 1 }, weightFields(76)));
    const { changes } = await drainSync(ada, { kinds: 'weight' });
    expect(changes.map(({ data }) => data as unknown)).toEqual([
      { ...weightData(weightFields(76)), ...AUCKLAND },
    ]);
    const [refused] = await phone.push(
      phone.create('weight', { ...weightFields(75), local_date: '2026-01-01' }),
    );
    expect(refused).toMatchObject({ status: 'rejected', error: { code: 'unknown-field' } });
  });

  it('is kept by both weights when the person keeps both sides of a conflict', async () => {
    const ada = await app.api.register({ time_zone: 'Pacific/Auckland' });
    const [phone, watch] = [await new Device(ada).ready(), await new Device(ada).ready()];
    const made = phone.create('weight', weightFields(75));
    await phone.push(made);
    const edited = (device: Device, value: number): Wire =>
      device.update({ ...made, version: 1 }, weightFields(value));
    await phone.push(edited(phone, 80));
    const [lost] = await watch.push(edited(watch, 90));
    await ada.patch('/api/users/me', { time_zone: 'UTC' });
    const { status, body } = await ada.post(`/api/sync/conflicts/${lost!['conflict_id']}/resolve`, {
      choice: 'keep_both',
    });
    expect([status, body['record']]).toMatchObject([200, { data: AUCKLAND }]);
    const { changes } = await drainSync(ada, { kinds: 'weight' });
    expect(changes.map(({ data }) => data['local_date'] as unknown)).toEqual(['2026-01-07', '2026-01-07']);
  });
});
