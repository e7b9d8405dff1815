import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { chooseSeed, seededRandom } from '../../support/random.js';
import {
  type Device,
  drainSync,
  mealFields,
  pullPage,
  shown,
  weightFields,
  type Wire,
} from '../../support/sync.js';
import { faultyUnits, type FaultyUnits, problemOf, twoPhones } from './support.js';

describe.runIf(hasDatabase())('sync, reading pages', () => {
  let app: TestApp;
  let units: FaultyUnits;
  beforeAll(async () => {
    app = await TestApp.start({ override: faultyUnits((made) => (units = made)) });
  });
  afterAll(() => app.stop());

  /** @returns the ids. */
  async function fill(device: Device, count: number, values: Wire = {}): Promise<string[]> {
    const made = Array.from({ length: count }, (_, i) =>
      device.create('weight', { ...weightFields(60 + (i % 100) / 10), ...values }),
    );
    for (let i = 0; i < count; i += 100) await device.push(...made.slice(i, i + 100));
    return made.map(({ id }) => id as string);
  }
  const idsOf = (changes: readonly Wire[]): string[] => changes.map(({ id }) => id as string);
  async function setSeq(api: Api, seq: string): Promise<void> {
    await units.run(() =>
      app.db.execute('UPDATE user_sequences SET seq = ? WHERE user_id = ?', [BigInt(seq), api.userId]),
    );
  }

  it('F3 100 entries of one instant and one push are returned in 15 pages of 7, each once', async () => {
    const { person, a } = await twoPhones(app.api);
    const ids = await fill(a, 100);
    const { changes, pages } = await drainSync(person, { limit: 7 });
    expect([idsOf(changes), pages]).toEqual([ids, 15]);
  });

  it('C.10 pages of large records end at about 1 MiB; all records are returned completely, each once', async () => {
    const { person, a } = await twoPhones(app.api);
    const start = (await drainSync(person)).cursor;
    const items = Array.from({ length: 50 }, () => ({ name: '漢'.repeat(100), quantity: 1, unit: 'g' }));
    const fields = mealFields({ items, note: '漢'.repeat(2_000) });
    const ids = await fill(a, 120);
    for (let i = 0; i < 3; i++) {
      const meals = Array.from({ length: 30 }, () => a.create('meal', fields));
      await a.push(...meals);
      ids.push(...idsOf(meals));
    }
    ids.push(...(await fill(a, 5)));
    const largest = Buffer.byteLength(JSON.stringify(fields)) + 1_000;
    for (const cursor of [undefined, start]) {
      const query = { limit: 1_000, cursor };
      const first = await pullPage(person, query);
      const pages = [first.body];
      while (pages.at(-1)?.['has_more'])
        pages.push((await pullPage(person, { ...query, cursor: pages.at(-1)?.['cursor'] })).body);
      expect(pages.flatMap(({ changes }) => idsOf(changes))).toEqual(ids);
      const sizes = pages.map(({ changes }) => Buffer.byteLength(JSON.stringify(changes)));
      expect(sizes.length).toBeGreaterThan(1);
      for (const size of sizes.slice(0, -1)) {
        expect(size).toBeGreaterThan(1_048_576);
        expect(size).toBeLessThan(1_048_576 + largest);
      }
      const tag = first.headers.get('etag') ?? '';
      expect((await pullPage(person.with({ 'if-none-match': tag }), query)).status).toBe(304);
    }
  });

  it('F4 a cursor at the end does not move: twenty empty answers, and 304', async () => {
    const { person, a } = await twoPhones(app.api);
    await fill(a, 3);
    const { cursor } = await drainSync(person);
    const { headers } = await pullPage(person, { cursor });
    const tagged = person.with({ 'if-none-match': headers.get('etag') ?? '' });
    for (let i = 0; i < 20; i++) {
      const { status, body } = await pullPage(person, { cursor });
      expect([status, body['changes'], body['has_more'], body['cursor']]).toEqual([200, [], false, cursor]);
      const same = await pullPage(tagged, { cursor });
      expect([same.status, same.body]).toEqual([304, '']);
    }
    await fill(a, 1);
    expect((await pullPage(tagged, { cursor })).body['changes']).toHaveLength(1);
  });

  it('F5 one by one while others write, each page requested twice: nothing is missed', async () => {
    const { person, a, b } = await twoPhones(app.api);
    const ids = await fill(a, 10);
    const writing = (async () => {
      for (let i = 0; i < 15; i++) ids.push(...(await fill(b, 1)));
    })();
    let done = false;
    void writing.then(() => (done = true));
    const seen: Wire[] = [];
    let cursor: string | undefined;
    for (let last = false; !last;) {
      const ended = done;
      // The first answer is lost.
      await pullPage(person, { cursor, limit: 1 });
      const { body } = await pullPage(person, { cursor, limit: 1 });
      seen.push(...body['changes']);
      cursor = body['cursor'] as string;
      last = ended && !body['has_more'];
    }
    await writing;
    expect(idsOf(seen).toSorted()).toEqual(ids.toSorted());
  });

  it('F6 records that change during the read are returned in their newest version', async () => {
    const random = seededRandom(chooseSeed());
    const { person, a, b } = await twoPhones(app.api);
    const ids = await fill(a, 1_000);
    const seen: Wire[] = [];
    let cursor: string | undefined;
    const drained = async (last: boolean): Promise<boolean> => {
      const { body } = await pullPage(person, { cursor, limit: 50, kinds: 'weight' });
      seen.push(...body['changes']);
      cursor = body['cursor'] as string;
      return body['has_more'] === true || !last;
    };
    for (let round = 0; round < 10; round++) {
      const chosen = Array.from({ length: 20 }, () => ids[Math.floor(random() * ids.length)]!);
      await drained(false);
      await b.push(
        ...[...new Set(chosen)].map((id) => b.update({ kind: 'weight', id }, weightFields(90 + round))),
      );
    }
    while (await drained(true));
    const expected = shown((await drainSync(person, { kinds: 'weight' })).changes);
    const newest = shown(seen);
    expect([newest.size, expected.size]).toEqual([1_000, 1_000]);
    for (const [id, change] of expected) expect(newest.get(id)).toEqual(change);
  });

  it('F7 a deletion during a bootstrap is returned before the bootstrap ends', async () => {
    const { person, a, b } = await twoPhones(app.api);
    const ids = await fill(a, 30);
    const first = await pullPage(person, { limit: 10 });
    const [early, late] = [ids[0]!, ids[25]!];
    await b.push(...[early, late].map((id) => b.delete({ kind: 'weight', id, version: 1 })));
    const rest = await drainSync(person, { cursor: first.body['cursor'], limit: 10 });
    const told = rest.changes.filter(({ deleted }) => deleted);
    expect(idsOf(told)).toEqual([early, late]);
    expect(told[0]).not.toHaveProperty('data');
    expect(told[0]).not.toHaveProperty('created_at');
    expect(shown([...first.body['changes'], ...rest.changes]).size).toBe(28);
  });

  it('F9 the cursor of another account is refused, and returns no data of either account', async () => {
    const { person, a } = await twoPhones(app.api);
    await fill(a, 2);
    const { cursor } = await drainSync(person);
    const { person: other, a: own } = await twoPhones(app.api);
    const ids = await fill(own, 2);
    const answer = await pullPage(other, { cursor });
    expect([answer.status, problemOf(answer)]).toEqual([409, 'cursor-user-mismatch']);
    expect(JSON.stringify(answer.body)).not.toContain('weight_value');
    expect(idsOf((await drainSync(other)).changes)).toEqual(ids);
  });

  it('F12 seq up to 2^53 keeps its order and every digit', async () => {
    const { person, a } = await twoPhones(app.api);
    await setSeq(person, '9007199254740985');
    const ids = await fill(a, 5);
    const [meal] = await a.push(a.create('meal', mealFields()));
    const { changes, seq } = await drainSync(person, { limit: 2 });
    expect(idsOf(changes).slice(0, 5)).toEqual(ids);
    expect(changes.map((change) => change['seq'])).toEqual(
      Array.from({ length: 6 }, (_, i) => String(9_007_199_254_740_986 + i)),
    );
    expect([seq, meal?.['seq']]).toEqual(['9007199254740991', '9007199254740991']);
    expect((await person.get('/api/sync/digest')).body['seq']).toBe('9007199254740991');
  });

  it.each(['0', '1001', '-1', '1.5', 'x', ''])('C.4 limit=%s is refused', async (limit) => {
    const { person } = await twoPhones(app.api);
    expect((await pullPage(person, { limit })).status).toBe(422);
  });

  it.each(['', 'weight,', 'weights', '__proto__', 'weight;meal'])(
    'C.4 kinds=%s is refused',
    async (kinds) => {
      const { person } = await twoPhones(app.api);
      expect((await pullPage(person, { kinds })).status).toBe(422);
    },
  );
});
