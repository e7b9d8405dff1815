import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { medicationIntake } from '../src/definitions.generated.js';
import { createClient, type Hale } from '../src/hale.js';
import type { MedicationIntakeFields } from '../src/kinds.generated.js';
import { MemoryStorage } from '../src/storage/memory.js';
import { slotId } from '../../../src/modules/health/medications/slot-id.js';
import { PASSWORD } from '../../../test/support/api.js';
import { TestApp } from '../../../test/support/app.js';
import { hasDatabase } from '../../../test/support/database.js';

/*
 * C1 A device without a connection to push decides as the service: its edit does not hide that a dose was taken, if it had not seen it.
 */
describe.runIf(hasDatabase())('a value that prevails, on a device', () => {
  let app: TestApp;
  const opened: Hale[] = [];
  const IDS = { medication_id: randomUUID(), schedule_id: randomUUID() };
  const SLOT = '2026-01-05T08:00';
  const ID = slotId(IDS.schedule_id, SLOT);

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterEach(async () => {
    for (const hale of opened.splice(0)) await hale.close();
  });
  afterAll(() => app?.stop());

  /** @param link what the phone reaches: it pulls in any case */
  async function phone(email: string, link = { pushes: true }): Promise<Hale> {
    const reach: typeof fetch = async (...request) => {
      const [target] = request;
      const url = target instanceof Request ? target.url : String(target);
      if (!link.pushes && url.includes('/api/sync/push')) throw new TypeError('no connection');
      return fetch(...request);
    };
    const hale = await createClient({
      url: app.url,
      storage: new MemoryStorage(),
      kinds: [medicationIntake],
      runtime: { fetch: reach },
    });
    opened.push(hale);
    await hale.login({ email, password: PASSWORD });
    return hale;
  }

  const register = async (): Promise<string> => {
    const email = `${randomUUID()}@example.org`;
    await app.api.post('/api/auth/register', { email, password: PASSWORD });
    return email;
  };
  const dose = (status: MedicationIntakeFields['status']): MedicationIntakeFields => ({
    ...IDS,
    slot: SLOT,
    scheduled_for: `${SLOT}:00.000Z`,
    time_zone: 'UTC',
    status,
    taken_at: status === 'taken' ? `${SLOT}:00.000Z` : null,
    amount: status === 'taken' ? 1 : null,
    snoozed_until: status === 'snoozed' ? '2026-01-05T08:30:00.000Z' : null,
  });
  const shown = async (hale: Hale) => (await hale.records('medication_intake').get(ID))?.fields;
  const statusOf = async (hale: Hale) => (await shown(hale))?.status;

  it.each(['skipped', 'snoozed'] as const)(
    'C1 does not show %s of a dose that was taken elsewhere',
    async (status) => {
      const email = await register();
      const link = { pushes: false };
      const [a, b] = [await phone(email, link), await phone(email)];
      await b.records('medication_intake').create(dose('taken'), ID);
      await b.sync();
      await a.records('medication_intake').create(dose(status), ID);
      expect(await statusOf(a)).toBe(status);
      await a.sync();
      expect(await shown(a)).toMatchObject({
        status: 'taken',
        amount: 1,
        snoozed_until: null,
      });
      const before = await statusOf(a);
      link.pushes = true;
      for (const hale of [a, b, a]) await hale.sync();
      expect([before, await statusOf(a), await statusOf(b)]).toEqual(['taken', 'taken', 'taken']);
      expect(await a.conflicts.list()).toHaveLength(1);
    },
  );

  it('C1 does not hide it by a deletion of what it was before', async () => {
    const email = await register();
    const link = { pushes: true };
    const [a, b] = [await phone(email, link), await phone(email)];
    await a.records('medication_intake').create(dose('snoozed'), ID);
    for (const hale of [a, b]) await hale.sync();
    link.pushes = false;
    await b.records('medication_intake').update(ID, dose('taken'));
    await b.sync();
    await a.records('medication_intake').delete(ID);
    expect(await shown(a)).toBeUndefined();
    await a.sync();
    expect(await statusOf(a)).toBe('taken');
    link.pushes = true;
    for (const hale of [a, b]) await hale.sync();
    expect([await statusOf(a), await statusOf(b)]).toEqual(['taken', 'taken']);
  });

  it('C1 shows the correction of a dose that it has shown as taken', async () => {
    const email = await register();
    const link = { pushes: true };
    const [a, b] = [await phone(email, link), await phone(email)];
    await b.records('medication_intake').create(dose('taken'), ID);
    for (const hale of [b, a]) await hale.sync();
    link.pushes = false;
    await a.records('medication_intake').update(ID, dose('skipped'));
    await b.records('medication_intake').update(ID, { note: 'With milk' });
    for (const hale of [b, a]) await hale.sync();
    expect(await shown(a)).toMatchObject({ status: 'skipped', note: 'With milk' });
    link.pushes = true;
    for (const hale of [a, b]) await hale.sync();
    expect([await statusOf(a), await statusOf(b)]).toEqual(['skipped', 'skipped']);
  });
});
