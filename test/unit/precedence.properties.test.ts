import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { begin, type Edit, merge, type RecordState } from '../../src/records/merge/merge.js';
import { chooseSeed } from '../support/random.js';

/*
 * A value that prevails, "t" of the group g. Each invariant has a property that tries to break it.
 * V1 The result does not depend on the order in which edits arrive, as long as each device keeps its own order.
 * V2 A prevailing value is replaced or deleted only by an author who has seen it, or by another prevailing value.
 * V3 An author who has seen it replaces and deletes it as usual.
 * V4 Edits that arrive again change nothing.
 */
const seed = chooseSeed();
const RUNS = 5_000 * Number(process.env['HALE_RUNS'] ?? 1);
const runs = { seed, numRuns: RUNS };

const GROUP = 'g';
const isPrevailing = (content: string): boolean => content.startsWith('t');

interface Draft {
  readonly time: number;
  readonly deletes: boolean;
  readonly prevails: boolean;
  /** Whether it also sets the group h. */
  readonly more: boolean;
  /** Whether the device has read the record as it was at the beginning. */
  readonly hasRead: boolean;
}

const draft: fc.Arbitrary<Draft> = fc.record({
  time: fc.integer({ min: 1, max: 5 }),
  deletes: fc.nat(3).map((nat) => nat === 0),
  prevails: fc.nat(2).map((nat) => nat === 0),
  more: fc.boolean(),
  hasRead: fc.boolean(),
});

const editOf = (each: Draft, device: string, deviceSeq: number): Edit => {
  const content = `${each.prevails ? 't' : 's'} ${device}${deviceSeq}`;
  return {
    stamp: { time: each.time, counter: 0, device, deviceSeq },
    baseVersion: each.hasRead ? 1 : undefined,
    deletes: each.deletes,
    groups: each.deletes ? {} : { [GROUP]: content, ...(each.more ? { h: `h ${device}${deviceSeq}` } : {}) },
    ...(each.deletes ? {} : { prevails: { [GROUP]: each.prevails } }),
  };
};

/** The first edit, by a device that makes no other: everybody may have seen it. */
const origin = (content: string): RecordState =>
  begin({
    stamp: { time: 0, counter: 0, device: 'o', deviceSeq: 1 },
    deletes: false,
    groups: { [GROUP]: content, h: '' },
    prevails: { [GROUP]: isPrevailing(content) },
  });

const start = fc.constantFrom('s', 't').map(origin);

/**
 * What several devices did without a connection: each its own edits in their order, with a clock that does not go back. One that has
 * not read the record and edits it several times deletes nothing: for what it restores afterwards, see `isRestoration`.
 */
const chains = (most: number) =>
  fc.array(fc.array(draft, { minLength: 1, maxLength: most }), { minLength: 2, maxLength: 4 }).map((all) =>
    all.map((drafts, index) => {
      const hasRead = drafts[0]?.hasRead === true;
      const mayDelete = hasRead || drafts.length === 1;
      const inOrder = drafts.map(({ time }) => time).toSorted((a, b) => a - b);
      return drafts.map((each, place) => {
        const kept = { time: inOrder[place]!, hasRead, deletes: each.deletes && mayDelete };
        return editOf({ ...each, ...kept }, 'abcd'[index]!, place + 1);
      });
    }),
  );

const order = fc.array(fc.nat(5), { minLength: 16, maxLength: 16 });

function interleave(all: readonly (readonly Edit[])[], choices: readonly number[]): Edit[] {
  const left = all.map((chain) => [...chain]);
  return choices.flatMap((choice) => {
    const waiting = left.filter(({ length }) => length > 0);
    return waiting[choice % (waiting.length || 1)]?.shift() ?? [];
  });
}

const after = (first: RecordState, edits: readonly Edit[]): RecordState =>
  edits.reduce((state, edit) => merge(state, edit).state, first);

/** Whether it is live, and the group in which a value prevails. The other group is for `merge.properties.test.ts`. */
const shown = ({ deleted, groups }: RecordState): unknown => (deleted ? 'deleted' : groups[GROUP]?.content);

describe('a value that prevails', () => {
  it('V1 single edits of several devices give the same record in every order', () => {
    fc.assert(
      fc.property(start, chains(1), order, order, (first, all, one, other) => {
        expect(shown(after(first, interleave(all, other)))).toEqual(
          shown(after(first, interleave(all, one))),
        );
      }),
      runs,
    );
  });

  it('V1 several edits of each device give the same record in every order', () => {
    fc.assert(
      fc.property(start, chains(3), order, order, (first, all, one, other) => {
        expect(shown(after(first, interleave(all, other)))).toEqual(
          shown(after(first, interleave(all, one))),
        );
      }),
      runs,
    );
  });

  it('V2 nobody who has not seen it replaces or deletes it', () => {
    fc.assert(
      fc.property(start, chains(3), order, (first, all, choices) => {
        let state = first;
        for (const edit of interleave(all, choices)) {
          const before = state;
          ({ state } = merge(before, edit));
          const held = before.groups[GROUP]!;
          const isSet = !before.deleted && isPrevailing(held.content);
          const isSeen = (edit.baseVersion ?? 0) >= held.version || held.stamp.device === edit.stamp.device;
          if (isSet && !isSeen) {
            expect(state.deleted).toBe(false);
            expect(isPrevailing(state.groups[GROUP]!.content)).toBe(true);
          }
        }
      }),
      runs,
    );
  });

  it('V3 an author who has seen the record replaces and deletes what it says, whatever the clocks show', () => {
    fc.assert(
      fc.property(start, chains(3), order, draft, (first, all, choices, last) => {
        const state = after(first, interleave(all, choices));
        const edit = { ...editOf(last, 'e', 1), baseVersion: state.version };
        const result = merge(state, edit).state;
        expect(result.deleted).toBe(last.deletes);
        if (!last.deletes) expect(result.groups[GROUP]!.content).toBe(edit.groups[GROUP]);
      }),
      runs,
    );
  });

  it('V4 all earlier edits once more change nothing', () => {
    fc.assert(
      fc.property(start, chains(3), order, fc.nat(9), (first, all, choices, length) => {
        const edits = interleave(all, choices);
        const state = after(first, edits);
        expect(after(state, edits.slice(0, length))).toEqual(state);
      }),
      runs,
    );
  });
});
