import { randomBytes, randomUUID } from 'node:crypto';
import { Controller, HttpCode, Module, Post } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Idempotent } from '../../../src/kernel/idempotency/idempotency.interceptor.js';
import { AccountPagesModule } from '../../../src/modules/identity/account-pages/account-pages.module.js';
import { Database } from '../../../src/platform/database/database.js';
import type { Transaction } from '../../../src/platform/database/transaction.js';
import { UnitOfWork } from '../../../src/platform/database/unit-of-work.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { mealFields, weightFields } from '../../support/sync.js';
import { before, conflictsOf, shared, statusesOf, twoPhones } from '../sync/support.js';
import { codeOf, everyAnswer, exchange, recordAnswers, request, SYNC, WEIGHT, weight } from './support.js';

/** Makes chosen commits fail. */
class BrokenUnitOfWork extends UnitOfWork {
  failures = 0;

  protected override commit(transaction: Transaction): Promise<void> {
    if (this.failures === 0) return super.commit(transaction);
    this.failures -= 1;
    throw new Error('the disk is gone');
  }
}

/** Both routes that take a key, with bodies that create one row. */
const routes = [
  {
    path: WEIGHT,
    created: 201,
    body: weight,
    other: { ...weight, weight_value: 76 },
    invalid: { ...weight, unit: 'stone' },
  },
  {
    path: SYNC,
    created: 200,
    body: { entries: [{ local_id: randomUUID(), ...weight }] },
    other: { entries: [{ local_id: randomUUID(), ...weight, weight_value: 76 }] },
    invalid: { entries: [] },
  },
] as const;

let counted = 0;

@ApiExcludeController()
@Controller('test')
class CountController {
  /** A route that answers nothing. */
  @Post('count')
  @HttpCode(204)
  @Idempotent()
  count(): void {
    counted += 1;
  }
}

@Module({ controllers: [CountController] })
class CountModule {}

describe.runIf(hasDatabase())('54: Idempotency-Key', () => {
  let app: TestApp;
  const answers = recordAnswers();
  beforeAll(async () => {
    app = await TestApp.start({
      override: (builder) =>
        builder
          .overrideModule(AccountPagesModule)
          .useModule(CountModule)
          .overrideProvider(UnitOfWork)
          .useFactory({
            factory: (database: Database) => new BrokenUnitOfWork(database),
            inject: [Database],
          }),
    });
  });
  afterAll(() => app.stop());

  const rowsOf = async (api: Api): Promise<number> =>
    (await api.get(WEIGHT)).body['pagination'].total as number;
  const keyed = (api: Api, key: string): Api => api.with({ 'idempotency-key': key });

  it('also without content: a retry of a 204 gets the 204, and the handler runs once', async () => {
    const ada = keyed(await app.api.register(), randomUUID());
    counted = 0;
    const [first, again] = [await ada.post('/test/count'), await ada.post('/test/count')];
    expect([first.status, again.status, counted]).toEqual([204, 204, 1]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });

  describe.each(routes)('POST $path', ({ path, created, body, other, invalid }) => {
    it('54: repeating key and body returns the same answer, and one row', async () => {
      const ada = await app.api.register();
      const api = keyed(ada, randomUUID());
      const first = await api.post(path, body);
      expect(first.status).toBe(created);
      expect(first.headers.get('idempotency-replayed')).toBeNull();
      for (let retry = 0; retry < 3; retry++) {
        const again = await api.post(path, body);
        expect([again.status, again.body]).toEqual([first.status, first.body]);
        expect(again.headers.get('idempotency-replayed')).toBe('true');
      }
      expect(await rowsOf(ada)).toBe(1);
    });

    it('54: the answer does not change although the record was changed and deleted', async () => {
      const ada = await app.api.register();
      const api = keyed(ada, randomUUID());
      const first = await api.post(path, body);
      const [{ id }] = (await ada.get(WEIGHT)).body['data'];
      await ada.put(`${WEIGHT}/${id}`, { weight_value: 90, unit: 'kg' });
      await ada.delete(`${WEIGHT}/${id}`);
      expect((await api.post(path, body)).body).toEqual(first.body);
      expect(await rowsOf(ada)).toBe(0);
    });

    it('54: another body with the key is refused and changes nothing', async () => {
      const ada = await app.api.register();
      const api = keyed(ada, randomUUID());
      const first = await api.post(path, body);
      const refused = await api.post(path, other);
      expect([refused.status, codeOf(refused)]).toEqual([422, 'idempotency-key-reused']);
      expect(await rowsOf(ada)).toBe(1);
      expect((await api.post(path, body)).body).toEqual(first.body);
    });

    it('54: 10 parallel requests with one key create one row and get ten equal answers', async () => {
      const ada = await app.api.register();
      const api = keyed(ada, randomUUID());
      const all = await Promise.all(Array.from({ length: 10 }, () => api.post(path, body)));
      expect(all.map(({ status }) => status)).toEqual(all.map(() => created));
      for (const answer of all) expect(answer.body).toEqual(all[0]!.body);
      expect(all.filter(({ headers }) => headers.get('idempotency-replayed') === 'true')).toHaveLength(9);
      expect(await rowsOf(ada)).toBe(1);
    });

    it('54: parallel requests with one key and two bodies store exactly one of them', async () => {
      const ada = await app.api.register();
      const api = keyed(ada, randomUUID());
      const all = await Promise.all(
        Array.from({ length: 10 }, (_, index) => api.post(path, index % 2 ? body : other)),
      );
      expect(all.filter(({ status }) => status === created)).toHaveLength(5);
      expect(
        all.filter((answer) => answer.status === 422 && codeOf(answer) === 'idempotency-key-reused'),
      ).toHaveLength(5);
      expect(await rowsOf(ada)).toBe(1);
    });

    it('54: the same key of another user is another key, and reveals nothing', async () => {
      const [ada, eve] = await Promise.all([app.api.register(), app.api.register()]);
      const key = randomUUID();
      const first = await keyed(ada, key).post(path, body);
      const same = await keyed(eve, key).post(path, body);
      const different = await keyed(eve, key).post(path, other);
      expect(same.status).toBe(created);
      expect(same.headers.get('idempotency-replayed')).toBeNull();
      expect(same.body).not.toEqual(first.body);
      expect(different.status).toBe(422);
      expect([await rowsOf(ada), await rowsOf(eve)]).toEqual([1, 1]);
    });

    it('54: after a refused request the key can be used for the corrected one', async () => {
      const ada = await app.api.register();
      const api = keyed(ada, randomUUID());
      for (const bad of [invalid, {}, { ...body, unknown: 1 }])
        expect((await api.post(path, bad)).status).toBe(422);
      expect((await api.post(path, '{"truncated":')).status).toBe(400);
      const corrected = await api.post(path, body);
      expect(corrected.status).toBe(created);
      expect(corrected.headers.get('idempotency-replayed')).toBeNull();
      expect((await api.post(path, body)).body).toEqual(corrected.body);
      expect(await rowsOf(ada)).toBe(1);
    });

    it('54: an internal error is not stored: the retry counts as the first request', async () => {
      const ada = await app.api.register();
      const api = keyed(ada, randomUUID());
      const broken = app.app.get(UnitOfWork) as BrokenUnitOfWork;
      broken.failures = 1;
      const failed = await api.post(path, body);
      expect([failed.status, codeOf(failed), broken.failures]).toEqual([500, 'internal', 0]);
      expect(await rowsOf(ada)).toBe(0);
      const retried = await api.post(path, body);
      expect(retried.status).toBe(created);
      expect(retried.headers.get('idempotency-replayed')).toBeNull();
      expect(await rowsOf(ada)).toBe(1);
    });

    it('54: a key of 1 or 255 characters is accepted, one of 0 or 256 is malformed', async () => {
      const ada = await app.api.register();
      expect((await keyed(ada, 'k').post(path, body)).status).toBe(created);
      expect((await keyed(ada, 'k'.repeat(255)).post(path, other)).status).toBe(created);
      for (const key of ['', 'k'.repeat(256), 'k'.repeat(4_000)]) {
        const refused = await keyed(ada, key).post(path, body);
        expect([key.length, refused.status, codeOf(refused)]).toEqual([key.length, 400, 'malformed-request']);
      }
      expect(await rowsOf(ada)).toBe(2);
    });

    it('54: a key with control or non-ASCII characters is malformed', async () => {
      const ada = await app.api.register();
      const headers = { authorization: ada.headers['authorization']!, 'content-type': 'application/json' };
      for (const key of ['a\tb', 'a\x00b', 'a\x01b', 'a\x1fb', 'a\x7fb', 'a\x80b', 'caf\xe9']) {
        const bytes = request('POST', path, { ...headers, 'idempotency-key': key }, JSON.stringify(body));
        const { answers: got } = await exchange(app.url, bytes);
        expect([JSON.stringify(key), got.map(({ status }) => status)]).toEqual([JSON.stringify(key), [400]]);
      }
      expect(await rowsOf(ada)).toBe(0);
    });

    it('54: keys are compared exactly, case and trailing characters included', async () => {
      const ada = await app.api.register();
      expect((await keyed(ada, 'Key').post(path, body)).status).toBe(created);
      for (const key of ['key', 'KEY', 'Key.', 'Kéy'.normalize('NFD').replace(/[^\x20-\x7e]/g, '_')])
        expect((await keyed(ada, key).post(path, other)).headers.get('idempotency-replayed')).toBeNull();
    });
  });

  it('54: the same key on another route is another key', async () => {
    const ada = await app.api.register();
    const api = keyed(ada, randomUUID());
    const [one, sync] = [await api.post(WEIGHT, routes[0].body), await api.post(SYNC, routes[1].body)];
    expect([one.status, sync.status]).toEqual([201, 200]);
    expect(sync.headers.get('idempotency-replayed')).toBeNull();
    expect(sync.body['synced']).toHaveLength(1);
    expect((await api.post(WEIGHT, routes[0].body)).body).toEqual(one.body);
    expect((await api.post(SYNC, routes[1].body)).body).toEqual(sync.body);
  });

  it('54: the same key for another record of the same route is another request, and refused', async () => {
    const { person, a, b } = await twoPhones(app.api);
    for (const value of [70, 71]) {
      const target = await shared(a, 'weight', weightFields(value));
      await a.push(a.update(target, weightFields(80), { modified_at: before(60_000) }));
      await b.push(b.update(target, weightFields(90)));
    }
    const [one, other] = (await conflictsOf(person)).map(({ id }) => `/api/sync/conflicts/${id}/resolve`);
    const api = keyed(person, randomUUID());
    const body = { choice: 'keep_server' };
    const first = await api.post(one!, body);
    expect(first.status).toBe(200);
    const refused = await api.post(other!, body);
    expect([refused.status, codeOf(refused)]).toEqual([422, 'idempotency-key-reused']);
    expect((await conflictsOf(person)).map(({ status }) => status).toSorted()).toEqual(['open', 'resolved']);
    expect((await api.post(one!, body)).body).toEqual(first.body);
    expect((await keyed(person, randomUUID()).post(other!, body)).status).toBe(200);
  });

  it('54: stored answers and results may be larger than a TEXT column of MySQL', async () => {
    const { person, a, b } = await twoPhones(app.api);
    const note = (): string => randomBytes(1_500).toString('base64');
    const made = Array.from({ length: 50 }, () => a.create('meal', mealFields({ note: note() })));
    await a.push(...made);
    const older = { op: 'create', modified_at: before(3_600_000), base_version: undefined };
    const late = made.map(({ id }) => b.update({ kind: 'meal', id }, mealFields({ note: note() }), older));
    const push = { client_id: b.id, epoch: b.epoch, mutations: late };
    const api = keyed(person, randomUUID());
    const first = await api.post('/api/sync/push', push);
    expect([first.status, first.body['results']?.length]).toEqual([200, 50]);
    expect((await api.post('/api/sync/push', push)).body).toEqual(first.body);

    const name = '\u0001'.repeat(300);
    const strange = Array.from({ length: 100 }, () => b.create('weight', weightFields(), { [name]: 1 }));
    const results = await b.push(...strange);
    expect(new Set(statusesOf(results))).toEqual(new Set(['rejected']));
    expect(await b.push(...strange)).toEqual(results);
  });

  it('54: without a key every request takes effect', async () => {
    const ada = await app.api.register();
    expect((await ada.post(WEIGHT, weight)).body['id']).not.toBe((await ada.post(WEIGHT, weight)).body['id']);
    expect(await rowsOf(ada)).toBe(2);
  });

  everyAnswer(answers);
});
