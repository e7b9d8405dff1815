import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../../../src/platform/database/database.js';
import type { Transaction } from '../../../src/platform/database/transaction.js';
import { UnitOfWork } from '../../../src/platform/database/unit-of-work.js';
import type { Answer, Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { chooseSeed, seededRandom } from '../../support/random.js';
import { drain, entry, live, push, SYNC, WEIGHT } from '../../support/weights.js';

/** Commits late and fails some commits: like a busy or failing database, from outside the product. */
class FaultyUnitOfWork extends UnitOfWork {
  refusalRate = 0;
  holdMs = 0;
  random: () => number = Math.random;

  protected override async commit(transaction: Transaction): Promise<void> {
    if (this.holdMs > 0) await pause(this.random() * this.holdMs);
    if (this.random() < this.refusalRate) throw new Error('commit refused by the test');
    await super.commit(transaction);
  }
}

describe.runIf(hasDatabase())('many phones at once', () => {
  let app: TestApp;
  let units: FaultyUnitOfWork;
  beforeAll(async () => {
    app = await TestApp.start({
      override: (builder) =>
        builder
          .overrideProvider(UnitOfWork)
          .useFactory({ factory: (db: Database) => (units = new FaultyUnitOfWork(db)), inject: [Database] }),
    });
    units.random = seededRandom(chooseSeed());
  });
  afterAll(() => app.stop());

  /** As a client must: repeats the same request until it is answered. */
  async function untilAnswered(request: () => Promise<Answer>): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const answer = await request();
      if (answer.status < 500) return answer;
      expect(answer.body['type']).toMatch(/^\/problems\/(internal|busy)$/);
      if (attempt === 50) throw new Error('50 refusals in a row');
    }
  }

  /** This many pushes of 4 entries and as many creations at once, with retries; every value is unique. */
  async function burst(person: Api, size: number, first = 0): Promise<number[]> {
    const value = (n: number) => 50 + (first + n) / 1_000;
    const pushes = Array.from({ length: size }, (_, i) => {
      const batch = Array.from({ length: 4 }, (_, j) =>
        entry(`${i}-${j}`, { weight_value: value(i * 4 + j) }),
      );
      return untilAnswered(() => push(person, ...batch));
    });
    const creates = Array.from({ length: size }, (_, i) => {
      const keyed = person.with({ 'idempotency-key': randomUUID() });
      return untilAnswered(() =>
        keyed.post(WEIGHT, { ...entry(''), local_id: undefined, weight_value: value(size * 4 + i) }),
      );
    });
    const answers = await Promise.all([...pushes, ...creates]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 201]));
    return Array.from({ length: size * 5 }, (_, n) => value(n));
  }

  async function expectExactly(person: Api, values: readonly number[]): Promise<void> {
    const listed: number[] = [];
    for (let offset = 0; offset < values.length + 1; offset += 500)
      listed.push(
        ...(await person.get(`${WEIGHT}?limit=500&offset=${offset}`)).body['data'].map(
          (item: any) => item.weight_value,
        ),
      );
    expect(listed.toSorted((a, b) => a - b)).toEqual(values.toSorted((a, b) => a - b));
    const pulled = [...live((await drain(person)).entries).values()].map((item) => item['weight_value']);
    expect(pulled.toSorted((a, b) => a - b)).toEqual(values.toSorted((a, b) => a - b));
  }

  it('F63 50 pushes and 50 creations by one person, 10 % rolled back: none is lost or stored twice', async () => {
    const person = (await app.api.register()).device('phone');
    units.refusalRate = 0.1;
    const values = await burst(person, 50);
    units.refusalRate = 0;
    await expectExactly(person, values);
  });

  it('F63 200 pushes and 200 creations by twenty people at once: the same', async () => {
    const people = await Promise.all(Array.from({ length: 20 }, () => app.api.register()));
    units.refusalRate = 0.1;
    const values = await Promise.all(people.map((person, i) => burst(person.device('phone'), 10, i * 50)));
    units.refusalRate = 0;
    for (const [i, person] of people.entries()) await expectExactly(person.device('phone'), values[i] ?? []);
  });

  it('F63 creations that are refused in the middle of others take nothing with them', async () => {
    const person = await app.api.register();
    const id = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 60 }, async (_, n) => {
        const item = { ...entry(''), local_id: undefined, weight_value: 50 + n / 1_000 };
        const answer = await person.post(WEIGHT, n % 2 === 0 ? item : { ...item, id });
        return { ...answer, value: item.weight_value };
      }),
    );
    const made = answers.filter(({ status }) => status === 201);
    expect(made).toHaveLength(31);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(29);
    await expectExactly(
      person,
      made.map(({ value }) => value),
    );
  });

  it('F1 a reader that polls while writers commit late sees every change, in order', async () => {
    const person = await app.api.register();
    units.holdMs = 8;
    let writing = true;
    const seen: Record<string, any>[] = [];
    const reader = (async () => {
      let since: string | undefined;
      for (let last = false; !last;) {
        last = !writing;
        const page = await drain(person.device('reader'), since, 20);
        seen.push(...page.entries);
        since = page.next;
      }
    })();
    const writers = Array.from({ length: 8 }, async (_, w) => {
      for (let i = 0; i < 25; i++)
        expect((await push(person.device(`writer-${w}`), entry(`${i}`))).status).toBe(200);
    });
    await Promise.all(writers);
    writing = false;
    await reader;
    units.holdMs = 0;
    expect(new Set(seen.map((change) => change['server_id'])).size).toBe(200);
    const stamps = seen.map((change) => change['updated_at']);
    expect(stamps).toEqual(stamps.toSorted());
  });

  it('a failed commit stores nothing, and is answered with an error', async () => {
    const person = (await app.api.register()).device('phone');
    units.refusalRate = 1;
    const failed = await person.post(SYNC, { entries: [entry('a')] });
    units.refusalRate = 0;
    expect([failed.status, failed.body['type'], failed.body['detail']]).toEqual([
      500,
      '/problems/internal',
      undefined,
    ]);
    expect((await drain(person)).entries).toEqual([]);
  });
});
