import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Answer, Api } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { hasDatabase } from '../support/database.js';
import { Device, drainSync, mealFields, shown, weightFields, type Wire } from '../support/sync.js';

const MEALS = '/api/meals';
const WEIGHT = '/api/health-metrics/weight';

/** Attempts of another person to read, name or change a person's records. */
describe.runIf(hasDatabase())('isolation', () => {
  let app: TestApp;
  let ada: Device;
  let eve: Device;
  let mark: string;
  /** Ada's records. */
  let meal: Wire;
  let weight: Wire;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());
  beforeEach(async () => {
    mark = `only Ada knows ${randomUUID()}`;
    [ada, eve] = [
      await new Device(await app.api.register()).ready(),
      await new Device(await app.api.register()).ready(),
    ];
    meal = ada.create('meal', mealFields({ title: mark }));
    weight = ada.create('weight', weightFields(71.25));
    await ada.push(meal, weight);
  });

  const recordsOf = async ({ api }: Device): Promise<Wire[]> => [
    ...shown((await drainSync(api)).changes).values(),
  ];
  const says = (answer: Answer): string => JSON.stringify([...answer.headers, answer.body]);

  describe('46: fields that name a record', () => {
    it.each(['meal', 'weight'])('46: a push cannot edit or delete a %s of another', async (kind) => {
      const before = await recordsOf(ada);
      const theirs = { ...(kind === 'meal' ? meal : weight), version: 1 };
      const fields = kind === 'meal' ? { title: 'mine now' } : weightFields(99);
      for (const attempt of [eve.update(theirs, fields), eve.delete(theirs)]) {
        const answer = await eve.send([attempt]);
        expect(answer.body['results'][0]).toMatchObject({ status: 'gone' });
        expect(says(answer)).not.toContain(mark);
      }
      expect(await recordsOf(ada)).toEqual(before);
      // The values that Eve entered are kept for Eve, as for any missing record.
      expect((await recordsOf(eve)).filter((it) => it['kind'] !== 'conflict')).toEqual([]);
    });

    it('46: a group that names a record of another person is not applied', async () => {
      const before = await recordsOf(ada);
      const group_id = randomUUID();
      const own = eve.create('meal', mealFields({ title: 'Eve’s' }), { group_id });
      const results = await eve.push(
        own,
        eve.update({ ...meal, version: 1 }, { title: 'mine now' }, { group_id }),
      );
      expect(results.map(({ status, error }) => [status, error?.code])).toEqual([
        ['rejected', 'group-rejected'],
        ['rejected', 'record-gone'],
      ]);
      expect(await recordsOf(eve)).toEqual([]);
      expect(await recordsOf(ada)).toEqual(before);
    });

    it('46: a bulk sync that names entries of another person has no effect on them', async () => {
      const before = await recordsOf(ada);
      const { body } = await eve.api.post(`${WEIGHT}/sync`, {
        entries: [{ local_id: 'a', server_id: weight['id'], ...weightFields(99) }],
      });
      expect(body['synced']).toEqual([]);
      expect(body['rejected']).toHaveLength(1);
      expect(JSON.stringify(body)).not.toContain(mark);
      expect(await recordsOf(ada)).toEqual(before);
    });

    it('46: a conflict of another person can neither be resolved nor read', async () => {
      const other = await new Device(ada.api).ready();
      await ada.push(ada.update({ ...meal, version: 1 }, { title: `${mark} one` }));
      const [result] = await other.push(other.update({ ...meal, version: 1 }, { title: `${mark} two` }));
      const path = `/api/sync/conflicts/${result?.['conflict_id']}/resolve`;
      const answer = await eve.api.post(path, { choice: 'keep_server' });
      expect(answer.status).toBe(404);
      expect(says(await eve.api.get('/api/sync/conflicts'))).not.toContain(mark);
      expect((await ada.api.post(path, { choice: 'keep_server' })).status).toBe(200);
    });
  });

  describe('47: lists and sums', () => {
    const day = 'from=2026-01-01&to=2026-01-31';
    const lists = [
      MEALS,
      `${MEALS}/summary?${day}`,
      WEIGHT,
      `${WEIGHT}/sync`,
      '/api/sync/pull',
      '/api/sync/status',
      '/api/sync/digest',
      '/api/sync/conflicts',
      '/api/users/me',
      '/api/users/me/access-log',
      '/api/users/me/grants',
      '/api/auth/sessions',
      '/api/auth/identities',
      '/api/auth/passkeys',
      '/api/api-keys',
    ];

    it.each(lists)('47: %s does not depend on the records of other people', async (path) => {
      const own = (answer: Answer): unknown => [
        answer.headers.get('etag'),
        { ...answer.body, server_time: '' },
      ];
      const before = await eve.api.get(path);
      expect(before.status).toBe(200);
      await ada.push(ada.create('meal', mealFields({ title: mark })), ada.create('weight', weightFields(80)));
      const after = await eve.api.get(path);
      expect(own(after)).toEqual(own(before));
      expect(says(after)).not.toContain(mark);
      expect(says(after)).not.toContain(ada.api.userId);
    });

    it('47: the ETag of another person’s answer does not match', async () => {
      const { headers } = await ada.api.get('/api/sync/pull');
      const answer = await eve.api.with({ 'if-none-match': headers.get('etag')! }).get('/api/sync/pull');
      expect([answer.status, answer.body['changes']]).toEqual([200, []]);
    });
  });

  describe('48: ids that clients choose', () => {
    const create = (api: Api, path: string, id: unknown): Promise<Answer> =>
      api.post(path, path === MEALS ? { id, ...mealFields() } : { id, ...weightFields(60) });

    it.each([
      [MEALS, () => meal],
      [WEIGHT, () => weight],
    ])(
      '48: POST %s with the id of another person’s record creates a record of one’s own or nothing, and reveals nothing',
      async (path, theirs) => {
        const before = await recordsOf(ada);
        const answer = await create(eve.api, path, theirs()['id']);
        expect([201, 404, 409]).toContain(answer.status);
        expect(says(answer)).not.toContain(mark);
        expect(await recordsOf(ada)).toEqual(before);
        // Later changes affect only their own person, in both directions.
        await eve.api.delete(`${path}/${theirs()['id']}`);
        expect(await recordsOf(ada)).toEqual(before);
        const later = await ada.push(
          ada.update({ ...meal, version: 1 }, { title: `${mark} later` }),
          ada.update({ ...weight, version: 1 }, weightFields(72)),
        );
        expect(later.map(({ status }) => status)).toEqual(['applied', 'applied']);
      },
    );

    it('48: a push with the id of another person’s record creates and deletes an own record', async () => {
      const before = await recordsOf(ada);
      const mine = eve.create('meal', mealFields({ title: 'Eve’s' }), { id: meal['id'] });
      const [made] = await eve.push(mine);
      expect(made?.['status']).toBe('applied');
      expect((await recordsOf(eve)).map(({ data }) => data['title'])).toEqual(['Eve’s']);
      expect(await recordsOf(ada)).toEqual(before);
      await eve.push(eve.delete({ ...mine, version: 1 }));
      expect(await recordsOf(eve)).toEqual([]);
      expect(await recordsOf(ada)).toEqual(before);
      expect(await ada.push(ada.update({ ...meal, version: 1 }, { title: `${mark} on` }))).toMatchObject([
        { status: 'applied' },
      ]);
    });

    it('48: a mutation id of another person is not treated as one’s own', async () => {
      const [result] = await eve.push({
        ...eve.create('meal', mealFields()),
        mutation_id: meal['mutation_id'],
      });
      expect(result?.['status']).toBe('applied');
      expect(JSON.stringify(result)).not.toContain(meal['id']);
    });
  });
});
