import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { chooseSeed, seededRandom } from '../../support/random.js';
import { Device, drainSync, pullPage, weightFields, type Wire } from '../../support/sync.js';
import { faultyUnits, type FaultyUnits, Gate, twoPhones } from './support.js';

describe.runIf(hasDatabase())('sync, the order of changes', () => {
  let app: TestApp;
  let units: FaultyUnits;
  beforeAll(async () => {
    app = await TestApp.start({ override: faultyUnits((made) => (units = made)) });
  });
  afterAll(() => app.stop());

  /** Pulls repeatedly until `ended`, and once more. */
  async function poll(device: Device, ended: () => boolean, limit = 500): Promise<Wire[]> {
    const seen: Wire[] = [];
    let cursor: string | undefined;
    for (let last = false; !last;) {
      last = ended();
      const page = await drainSync(device.api, { cursor, limit });
      seen.push(...page.changes);
      cursor = page.cursor;
    }
    return seen;
  }
  const expectRising = (changes: readonly Wire[]): void => {
    const places = changes.map(({ seq }) => BigInt(seq));
    for (const [i, place] of places.entries()) if (i > 0) expect(place > places[i - 1]!).toBe(true);
  };

  it('F1 the first to get its seq commits last: no reader skips it', async () => {
    const { person, a, b } = await twoPhones(app.api);
    const gate = new Gate();
    units.before = () => {
      units.heal();
      return gate.pass();
    };
    const [r1, r2] = [a.create('weight', weightFields(71)), b.create('weight', weightFields(72))];
    const first = a.push(r1);
    await gate.reached;
    let isAnswered = false;
    const second = b.push(r2).then(() => (isAnswered = true));
    for (let i = 0; i < 10; i++) {
      expect((await pullPage(person)).body).toMatchObject({ changes: [], has_more: false, seq: '0' });
      expect(isAnswered).toBe(false);
    }
    let ended = false;
    const reader = poll(a, () => ended);
    gate.release();
    await Promise.all([first, second]);
    ended = true;
    const seen = await reader;
    expect(seen.map(({ id }) => id)).toEqual([r1['id'], r2['id']]);
    expectRising(seen);
  });

  it('F1 a change whose commit fails is never visible', async () => {
    const { person, a } = await twoPhones(app.api);
    const gate = new Gate();
    units.before = async () => {
      await gate.pass();
      throw new Error('refused by the test');
    };
    const refused = a.send([a.create('weight', weightFields())]);
    await gate.reached;
    for (let i = 0; i < 5; i++) expect((await pullPage(person)).body['changes']).toEqual([]);
    gate.release();
    expect((await refused.finally(() => units.heal())).status).toBe(500);
    expect((await pullPage(person)).body).toMatchObject({ changes: [], seq: '0' });
  });

  it('F1 eight writers with slow commits: a polling reader misses none of 400 changes', async () => {
    const random = seededRandom(chooseSeed());
    const person = await app.api.register();
    const writers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => new Device(person, `writer-${i}`).ready()),
    );
    units.before = () => pause(random() * 8);
    let ended = false;
    const readers = [1_000, 7].map((limit) => poll(writers[0]!, () => ended, limit));
    const made = await Promise.all(
      writers.map(async (writer) => {
        const ids: string[] = [];
        for (let i = 0; i < 50; i++) {
          const mutation = writer.create('weight', weightFields(60 + i / 10));
          await writer.push(mutation);
          ids.push(mutation['id']);
        }
        return ids;
      }),
    );
    ended = true;
    const seen = await Promise.all(readers);
    units.heal();
    for (const changes of seen) {
      expect(changes.map(({ id }) => id).toSorted()).toEqual(made.flat().toSorted());
      expectRising(changes);
    }
    // P6: the edits of one phone arrive in its own order.
    for (const ids of made)
      expect(seen[0]!.map(({ id }) => id).filter((id) => ids.includes(id))).toEqual(ids);
  });
});
