import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OutboxWorker } from '../../src/kernel/events/outbox-worker.js';
import { type Subscriber, Subscribers } from '../../src/kernel/events/subscribers.js';
import { RecordEvents } from '../../src/records/write/record-events.js';
import { OnRecord, RecordsChanged, topicOf } from '../../src/records/define/records-changed.js';
import { TestApp } from '../support/app.js';
import { hasDatabase } from '../support/database.js';
import { Device, mealFields, weightFields } from '../support/sync.js';

const MEALS = '/api/meals';

describe.runIf(hasDatabase())('events of records', () => {
  let app: TestApp;
  let seen: RecordsChanged[] = [];
  const subscriber = (kind: string, name: string, select: Subscriber['select']): Subscriber => ({
    name,
    topic: topicOf(kind),
    type: RecordsChanged,
    isOrdered: true,
    isInTransaction: false,
    select,
    handle: async (event) => void seen.push(event as RecordsChanged),
  });
  beforeAll(async () => {
    app = await TestApp.start();
    app.app.get(Subscribers).add(subscriber('meal', 'meals', (event) => event));
    app.app.get(Subscribers).add(subscriber('conflict', 'conflicts', (event) => event));
  });
  beforeEach(() => {
    seen = [];
  });
  afterAll(() => app.stop());

  const waiting = async (): Promise<number> =>
    (await app.db.rows("SELECT id FROM outbox_messages WHERE topic LIKE 'record.%'")).length;
  const deliver = () => app.app.get(OutboxWorker).drain();
  const types = () => seen.map(({ kind, changes }) => [kind, changes.map(({ type }) => type)]);

  it('report records that REST created, changed and deleted, in order, with ids and versions', async () => {
    const ada = await app.api.register();
    const { id } = (await ada.post(MEALS, mealFields())).body;
    await ada.put(`${MEALS}/${id}`, mealFields({ title: 'Muesli' }));
    await ada.delete(`${MEALS}/${id}`);
    await deliver();
    expect(seen).toEqual(
      (['created', 'updated', 'deleted'] as const).map((type, index) =>
        expect.objectContaining({
          kind: 'meal',
          ownerId: ada.userId,
          changes: [{ id, version: index + 1, type, days: ['2026-01-06', '2026-01-06'], parts: [] }],
        }),
      ),
    );
    expect(seen[0]).toBeInstanceOf(RecordsChanged);
  });

  it('report a push of a hundred records in one message, and write none without a subscriber', async () => {
    const device = await new Device(await app.api.register()).ready();
    await device.push(...Array.from({ length: 50 }, () => device.create('weight', weightFields())));
    expect(await waiting()).toBe(0);
    await device.push(...Array.from({ length: 100 }, () => device.create('meal', mealFields())));
    expect(await waiting()).toBe(1);
    await deliver();
    expect(types()).toEqual([['meal', Array.from({ length: 100 }, () => 'created')]]);
  });

  it('report a conflict and its resolution', async () => {
    const ada = await app.api.register();
    const [one, two] = [await new Device(ada).ready(), await new Device(ada).ready()];
    const made = one.create('meal', mealFields());
    const [first] = await one.push(made);
    const target = { kind: 'meal', id: made['id'], version: first?.['version'] };
    await one.push(one.update(target, mealFields({ title: 'Muesli' })));
    await two.push(two.update(target, mealFields({ title: 'Granola' })));
    const { data } = (await ada.get('/api/sync/conflicts')).body;
    const answer = await ada.post(`/api/sync/conflicts/${data[0].id}/resolve`, { choice: 'keep_both' });
    expect([answer.status, answer.body]).toEqual([200, answer.body]);
    await deliver();
    expect(types()).toEqual(
      expect.arrayContaining([
        ['conflict', ['created']],
        ['conflict', ['updated']],
      ]),
    );
    const ofMeal = seen.filter(({ kind }) => kind === 'meal').flatMap(({ changes }) => changes);
    const isTarget = ({ id }: { id: string }) => id === made['id'];
    expect(ofMeal.filter(isTarget).map(({ version }) => version)).toEqual([1, 2, 3]);
    // The losing side is now a new record.
    expect(ofMeal.filter((change) => !isTarget(change))).toMatchObject([{ type: 'created', version: 1 }]);
  });

  it('report a deleted record that is restored as created', async () => {
    const ada = await app.api.register();
    const device = await new Device(ada).ready();
    const made = device.create('meal', mealFields());
    await device.push(made);
    const target = { kind: 'meal', id: made['id'], version: 1 };
    await device.push(device.delete(target));
    await device.push(device.update({ ...target, version: 2 }, mealFields({ title: 'Again' })));
    await deliver();
    expect(types()).toEqual([['created'], ['deleted'], ['created']].map((changes) => ['meal', changes]));
  });

  it('report nothing for a refused request', async () => {
    const ada = await app.api.register();
    expect((await ada.post(MEALS, mealFields({ time_zone: 'Nowhere/Atall' }))).status).toBe(422);
    const { id } = (await ada.post(MEALS, mealFields())).body;
    expect((await ada.post(MEALS, { id, ...mealFields({ title: 'Other' }) })).status).toBe(409);
    await deliver();
    expect(types()).toEqual([['meal', ['created']]]);
  });

  it('contain only the changes that the subscriber selects', () => {
    class Streaks {
      @OnRecord('meal', 'streaks', { changes: ['created'] })
      async onMeals(_event: RecordsChanged): Promise<void> {}
    }
    const place = { days: ['2026-01-06', '2026-01-06'], parts: [] } as const;
    const created = { id: 'a', version: 1, type: 'created', ...place } as const;
    const updated = { id: 'b', version: 2, type: 'updated', ...place } as const;
    const event = new RecordsChanged('meal', 'ada', [created, updated]);
    const { select } = Reflect.getMetadata('hale:subscription', Streaks.prototype.onMeals) as Subscriber;
    expect((select(event) as RecordsChanged).changes).toEqual([created]);
    expect(select(new RecordsChanged('meal', 'ada', [updated]))).toBe(undefined);
  });

  it('stop the start when a subscriber names an unknown kind', () => {
    app.app.get(Subscribers).add(subscriber('nonsense', 'nonsense', (event) => event));
    expect(() => app.app.get(RecordEvents).onApplicationBootstrap()).toThrow('unknown kind "nonsense"');
  });
});
