import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareEdits,
  decide,
  type EditKey,
  editTime,
  type ProposedEdit,
} from '../../src/kernel/records/last-write-wins.js';

const NOW = 1_000;
const keys: fc.Arbitrary<EditKey> = fc.record({
  time: fc.integer({ min: 0, max: 5 }),
  counter: fc.constant(0),
  deletes: fc.boolean(),
  device: fc.constantFrom('', 'a', 'b'),
  content: fc.constantFrom('x', 'y', 'z'),
});

/** Applies edits to a record in their order of arrival. */
function play(edits: readonly ProposedEdit[], first: EditKey): { key: EditKey; version: number } {
  let current = { key: first, version: 1 };
  for (const edit of edits) {
    const verdict = decide(edit, current);
    if (verdict.status === 'superseded') continue;
    current = { key: verdict.key, version: current.version + (verdict.status === 'applied' ? 1 : 0) };
  }
  return current;
}

const origin: EditKey = { time: 0, counter: 0, deletes: false, device: '', content: 'x' };

describe('last write wins', () => {
  it('P4 concurrent edits of different devices have one winner in every order', () => {
    // Nobody knows the current version, and no device speaks twice: all of them are concurrent.
    const concurrent = fc.uniqueArray(
      keys.filter(({ device }) => device === ''),
      { maxLength: 5, selector: (key) => JSON.stringify(key) },
    );
    fc.assert(
      fc.property(concurrent, fc.infiniteStream(fc.nat()), (edits, order) => {
        const shuffled = edits
          .map((key) => ({ key, rank: order.next().value }))
          .toSorted((a, b) => a.rank - b.rank);
        const one = play(
          edits.map((key) => ({ key })),
          origin,
        ).key;
        const other = play(
          shuffled.map(({ key }) => ({ key })),
          origin,
        ).key;
        expect([other.content, other.deletes, other.time]).toEqual([one.content, one.deletes, one.time]);
      }),
      { numRuns: 20_000 },
    );
  });

  it('P5 repeating an edit that holds changes nothing', () => {
    fc.assert(
      fc.property(
        fc.array(keys, { maxLength: 5 }),
        keys,
        fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
        (before, key, base) => {
          const edit = { key, ...(base === undefined ? {} : { baseVersion: base }) };
          const once = play([...before.map((each) => ({ key: each })), edit], origin);
          const twice = play([...before.map((each) => ({ key: each })), edit, edit], origin);
          if (once.key.content === key.content && once.key.deletes === key.deletes)
            expect(twice).toEqual(once);
        },
      ),
      { numRuns: 20_000 },
    );
  });

  it('P6 an edit of the current version always wins, ordered after it', () => {
    fc.assert(
      fc.property(keys, keys, (current, key) => {
        const verdict = decide({ key, baseVersion: 3 }, { key: current, version: 3 });
        expect(verdict.status).not.toBe('superseded');
        if (verdict.status === 'applied') expect(compareEdits(verdict.key, current)).toBeGreaterThan(0);
      }),
      { numRuns: 20_000 },
    );
  });

  it('P11 no edit counts with a time later than the server’s', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (claimed, skew) => {
        expect(editTime(claimed, NOW, skew)).toBeLessThanOrEqual(NOW);
      }),
    );
  });

  it('corrects a wrong clock, but not the delay of a network', () => {
    expect(editTime(100_000, 1_000_000, 70_000)).toBe(170_000);
    expect(editTime(100_000, 1_000_000, -70_000)).toBe(30_000);
    expect(editTime(100_000, 1_000_000, 50_000)).toBe(100_000);
  });
});
