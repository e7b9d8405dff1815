import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UnitOfWork } from '../../../src/platform/database/unit-of-work.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { chooseSeed } from '../../support/random.js';
import { Device, drainSync, mealFields, shown, weightFields, type Wire } from '../../support/sync.js';
import { before, conflictsOf, everythingOf, kindNames, liveOf, twoPhones } from './support.js';

/** FNV-1a, 64 bits, implemented again here: the sum that a client computes of its own store. */
function hashOf(text: string): bigint {
  const mix = (hash: bigint, byte: number) => BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x1_0000_0001_b3n);
  return [...Buffer.from(text)].reduce(mix, 0xcbf2_9ce4_8422_2325n);
}

function digestOf(live: Iterable<Wire>, kind: string): Wire {
  const own = [...live].filter((change) => change['kind'] === kind);
  const sum = own.reduce((total, { id, version }) => total + hashOf(`${id}:${version}`), 0n);
  return { kind, count: own.length, sum64: `${BigInt.asUintN(64, sum)}` };
}

/** A duplicate by another phone may change the time of the newest edit, and nothing else. */
const stateOf = (live: ReadonlyMap<string, Wire>): Wire =>
  Object.fromEntries(
    [...live].map(([id, { modified_at: _at, modified_by: _by, ...change }]) => [id, change]),
  );

const RUNS = 25;
const STATUSES = ['applied', 'merged', 'duplicate', 'superseded', 'conflict', 'gone', 'rejected'];

describe.runIf(hasDatabase())('sync, random requests', () => {
  let app: TestApp;
  const seed = chooseSeed();
  beforeAll(async () => void (app = await TestApp.start()));
  afterAll(() => app.stop());

  async function expectDigest(api: Api): Promise<void> {
    const live = [...(await liveOf(api)).values()];
    const { body } = await api.get('/api/sync/digest');
    expect(body['kinds']).toEqual(kindNames.map((kind) => digestOf(live, kind)));
  }

  const op = fc.constantFrom('create', 'update', 'delete');
  const faults: (Wire | null)[] = [
    null,
    null,
    null,
    { op: 'upsert' },
    { id: 'x' },
    { modified_at: 1 },
    { mutation_id: 7 },
    { kind: 'mood' },
    { client_seq: 0 },
    { fields: { weight_value: -1 } },
    { colour: 'red' },
  ];
  const spoilt = fc.constantFrom(...faults);
  const item = fc.record({
    op,
    record: fc.nat(3),
    value: fc.nat(4),
    kind: fc.constantFrom('weight', 'meal'),
    ago: fc.constantFrom(0, 5, 1_000, 60_000, -60_000),
    base: fc.constantFrom(null, 1, 2, 9),
    group: fc.constantFrom(null, null, null, 0, 1),
    spoilt,
    /** Sends an earlier mutation of the batch again, unchanged or changed. */
    again: fc.constantFrom<'no' | 'same' | 'changed'>('no', 'no', 'no', 'same', 'changed'),
  });
  type Item = typeof item extends fc.Arbitrary<infer T> ? T : never;

  function mutationsOf(device: Device, items: readonly Item[], ids: readonly string[]): Wire[] {
    const groups = [randomUUID(), randomUUID()];
    const made: Wire[] = [];
    for (const { op: what, record, value, kind, ago, base, group, spoilt: fault, again } of items) {
      const earlier = made.at(value % Math.max(1, made.length));
      if (earlier && again !== 'no') {
        made.push(again === 'same' ? earlier : { ...earlier, modified_at: before(77_777) });
        continue;
      }
      const fields = kind === 'weight' ? weightFields(70 + value) : mealFields({ title: `${value}` });
      const mutation = device.mutation({
        kind,
        id: ids[kind === 'weight' ? record : record + 4],
        op: what,
        modified_at: before(ago),
      });
      if (what !== 'delete') mutation['fields'] = fields;
      if (base !== null) mutation['base_version'] = base;
      if (group !== null) mutation['group_id'] = groups[group];
      made.push({ ...mutation, ...fault });
    }
    return made;
  }

  it('F30 P8 every mutation has one result at its position, whatever the batch contains; then P5, the same again', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(item, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 4 }),
        async (batches) => {
          const { person, a, b } = await twoPhones(app.api);
          const ids = Array.from({ length: 8 }, () => uuidv7());
          for (const [index, items] of batches.entries()) {
            const device = index % 2 === 0 ? a : b;
            const mutations = mutationsOf(device, items, ids);
            const results = await device.push(...mutations);
            const named = (value: unknown) => (typeof value === 'string' ? value : null);
            expect(results.map(({ mutation_id }) => mutation_id)).toEqual(
              mutations.map(({ mutation_id }) => named(mutation_id)),
            );
            for (const { status, error } of results) {
              expect(STATUSES).toContain(status);
              expect(error !== undefined).toBe(status === 'rejected');
            }
            const stored = await everythingOf(person);
            const again = await device.push(...mutations);
            for (const { status } of again) expect(['applied', 'merged']).not.toContain(status);
            expect(await everythingOf(person)).toEqual(stored);
          }
          await expectDigest(person);
        },
      ),
      { seed, numRuns: RUNS },
    );
  });

  it('C.3 a group is applied completely or not at all, whatever it contains', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(item, { minLength: 2, maxLength: 8 }), async (items) => {
        const { person, a } = await twoPhones(app.api);
        const ids = Array.from({ length: 8 }, () => uuidv7());
        const whole = items.map((each) => ({ ...each, group: 0 as const, again: 'no' as const }));
        const mutations = mutationsOf(a, whole, ids);
        const results = await a.push(...mutations);
        const failed = results.filter(({ status }) => ['rejected', 'gone'].includes(status));
        // A mutation whose group_id cannot be read is separate, and so is one that cannot be a member.
        if (failed.length === 0) return;
        const others = results.filter(({ status }) => !['rejected', 'gone'].includes(status));
        expect(others).toEqual([]);
        expect([(await liveOf(person)).size, await conflictsOf(person)]).toEqual([0, []]);
      }),
      { seed, numRuns: RUNS },
    );
  });

  it('C.4 the digest is that of the live records after all kinds of writes, and when it must be counted', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ what: fc.nat(6), n: fc.nat(5) }), { maxLength: 15 }),
        async (steps) => {
          const { person, a, b } = await twoPhones(app.api);
          const ids = Array.from({ length: 6 }, () => uuidv7());
          const weight = (n: number) => `/api/health-metrics/weight/${ids[n]}`;
          const acts: ((n: number) => Promise<unknown>)[] = [
            (n) => a.push(a.create('weight', weightFields(70 + n), { id: ids[n] })),
            (n) => b.push(b.update({ kind: 'weight', id: ids[n] }, weightFields(90 + n))),
            (n) => b.push(b.delete({ kind: 'weight', id: ids[n] })),
            (n) => person.put(weight(n), { weight_value: 100 + n, unit: 'kg' }),
            (n) => person.delete(weight(n)),
            (n) => person.post('/api/meals', mealFields({ title: `${n}` })),
            async () => {
              const open = (await conflictsOf(person)).find(({ status }) => status === 'open');
              if (open)
                await person.post(`/api/sync/conflicts/${open['id']}/resolve`, { choice: 'keep_both' });
            },
          ];
          for (const { what, n } of steps) await acts[what]!(n);
          await expectDigest(person);
          const kept = (await person.get('/api/sync/digest')).body;
          await app.app
            .get(UnitOfWork)
            .run(() =>
              app.db.execute('UPDATE user_sequences SET digests = NULL WHERE user_id = ?', [person.userId]),
            );
          expect((await drainSync(person)).changes.length).toBe([...(await liveOf(person))].length);
          expect((await person.get('/api/sync/digest')).body).toEqual(kept);
          await a.push(a.create('weight', weightFields()));
          await expectDigest(person);
        },
      ),
      { seed, numRuns: RUNS },
    );
  });

  it('P2 a phone that pulls now and then has the same records as a fresh one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(item, { minLength: 1, maxLength: 6 }), { minLength: 2, maxLength: 5 }),
        fc.integer({ min: 1, max: 7 }),
        async (batches, limit) => {
          const { person, a, b } = await twoPhones(app.api);
          const ids = Array.from({ length: 8 }, () => uuidv7());
          const seen: Wire[] = [];
          let cursor: string | undefined;
          for (const [index, items] of batches.entries()) {
            const device = index % 2 === 0 ? a : b;
            await device.push(...mutationsOf(device, items, ids));
            const page = await drainSync(person, { cursor, limit });
            cursor = page.cursor;
            seen.push(...page.changes);
          }
          expect(stateOf(shown(seen))).toEqual(stateOf(await liveOf(person)));
        },
      ),
      { seed, numRuns: RUNS },
    );
  });
});
