import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  begin,
  type Edit,
  editTime,
  merge,
  type Merge,
  type RecordState,
} from '../../src/records/merge/merge.js';
import { compareStamps } from '../../src/records/merge/edit-stamp.js';
import { chooseSeed } from '../support/random.js';

const seed = chooseSeed();
const RUNS = 20_000 * Number(process.env['HALE_RUNS'] ?? 1);
/** The share of a property in all runs, in percent. */
const part = (hundredths: number) => ({ seed, numRuns: Math.ceil((RUNS * hundredths) / 100) });

/** Few different values, so that ties are frequent. */
const DEVICES = ['a', 'b', 'c', 'd'];
const time = fc.integer({ min: 0, max: 4 });
const groups = fc.dictionary(fc.constantFrom('g', 'h'), fc.constantFrom('x', 'y', 'z'), {
  noNullPrototype: true,
});
const deletes = fc.boolean();
const origin = begin({
  stamp: { time: 0, counter: 0, device: 'o', deviceSeq: 1 },
  deletes: false,
  groups: { g: 'x', h: 'x' },
});

interface Draft {
  readonly device: string;
  readonly time: number;
  readonly deletes: boolean;
  readonly groups: Record<string, string>;
  /** How many versions ago the device read the record; undefined when it did not. */
  readonly behind: number | undefined;
}

const draft = (device: fc.Arbitrary<string>): fc.Arbitrary<Draft> =>
  fc.record({ device, time, deletes, groups, behind: fc.option(fc.nat(2), { nil: undefined }) });

const toEdit = ({ device, time, deletes, groups }: Draft, deviceSeq = 1, baseVersion?: number): Edit => ({
  stamp: { time, counter: 0, device, deviceSeq },
  baseVersion,
  deletes,
  groups: deletes ? {} : groups,
});

interface Step {
  readonly before: RecordState;
  readonly edit: Edit;
  readonly merged: Merge;
}

/** Edits of devices that number their edits, one after the other. */
function play(drafts: readonly Draft[]): Step[] {
  const places = new Map<string, number>();
  let state = origin;
  return drafts.map((each) => {
    const place = (places.get(each.device) ?? 0) + 1;
    places.set(each.device, place);
    const base = each.behind === undefined ? undefined : Math.max(1, state.version - each.behind);
    const edit = toEdit(each, place, base);
    const before = state;
    const merged = merge(before, edit);
    state = merged.state;
    return { before, edit, merged };
  });
}

const history = fc.array(draft(fc.constantFrom(...DEVICES)), { maxLength: 9 }).map(play);
const last = (steps: readonly Step[]): RecordState => steps.at(-1)?.merged.state ?? origin;

/** The visible state, and the stamps that decide later. Not the version, which depends on the order of arrival. */
const outcome = ({ deleted, stamp, groups }: RecordState) => ({
  deleted,
  stamp,
  groups: Object.entries(groups)
    .map(([name, { content, stamp }]) => ({ name, content, stamp }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
});

const shown = ({ deleted, groups }: RecordState): unknown =>
  deleted
    ? 'deleted'
    : Object.entries(groups)
        .map(([name, { content }]) => `${name}=${content}`)
        .toSorted();

/** One edit per device, made without knowledge of each other, and another order of arrival. */
const concurrent = fc
  .uniqueArray(draft(fc.constantFrom(...DEVICES)), {
    minLength: 2,
    maxLength: 4,
    selector: ({ device }) => device,
  })
  .map((drafts) => drafts.map((each) => toEdit(each)))
  .chain((edits) => fc.tuple(fc.constant(edits), fc.shuffledSubarray(edits, { minLength: edits.length })));

/** Edits of clients without a device id: only the content differs. */
const nameless = fc
  .array(draft(fc.constant('')), { minLength: 2, maxLength: 4 })
  .map((drafts) => drafts.map((each) => toEdit(each, 0)))
  .chain((edits) => fc.tuple(fc.constant(edits), fc.shuffledSubarray(edits, { minLength: edits.length })));

const names = fc.subarray(['g', 'h'], { minLength: 1 });

/** Two or three devices edit version 1, each several times, also with a clock that goes back. Each edit has its own text. */
const chains = fc
  .uniqueArray(
    fc.record({
      device: fc.constantFrom(...DEVICES),
      edits: fc.array(fc.record({ time: fc.integer({ min: 1, max: 3 }), deletes, names }), {
        minLength: 1,
        maxLength: 3,
      }),
    }),
    { minLength: 2, maxLength: 3, selector: ({ device }) => device },
  )
  .map((all) =>
    all.map(({ device, edits }) =>
      edits.map(({ names, ...each }, index) => {
        const groups = Object.fromEntries(names.map((name) => [name, `${device}${index}`]));
        return toEdit({ device, behind: undefined, groups, ...each }, index + 1, 1);
      }),
    ),
  );

/** The edits in an order in which those of one device keep their order. */
function interleave(chains: readonly (readonly Edit[])[], choices: readonly number[]): Edit[] {
  const left = chains.map((chain) => [...chain]);
  return choices.flatMap((choice) => {
    const waiting = left.filter(({ length }) => length > 0);
    return waiting[choice % (waiting.length || 1)]?.shift() ?? [];
  });
}

const order = fc.array(fc.nat(5), { minLength: 9, maxLength: 9 });

const after = (edits: readonly Edit[], first: RecordState = origin): RecordState =>
  edits.reduce((state, edit) => merge(state, edit).state, first);

describe('the merge of edits', () => {
  it('P4: concurrent edits give the same result in every order', () => {
    fc.assert(
      fc.property(concurrent, ([edits, shuffled]) => {
        expect(outcome(after(shuffled))).toEqual(outcome(after(edits)));
      }),
      part(25),
    );
  });

  it('P4: whichever of them creates the record', () => {
    const creations = concurrent.filter(([edits]) =>
      edits.every(({ deletes, groups }) => !deletes && 'g' in groups && 'h' in groups),
    );
    fc.assert(
      fc.property(creations, ([edits, shuffled]) => {
        const [one, other] = [edits, shuffled].map(([first, ...rest]) => after(rest, begin(first!)));
        expect(outcome(other!)).toEqual(outcome(one!));
      }),
      part(5),
    );
  });

  it('P4: also for clients without a device id', () => {
    fc.assert(
      fc.property(nameless, ([edits, shuffled]) => {
        expect(outcome(after(shuffled))).toEqual(outcome(after(edits)));
      }),
      part(10),
    );
  });

  it('P4: several edits of each device give the same result in every order that keeps the order of each', () => {
    fc.assert(
      fc.property(chains, order, order, (chains, one, other) => {
        expect(outcome(after(interleave(chains, other)))).toEqual(outcome(after(interleave(chains, one))));
      }),
      part(40),
    );
  });

  it('P5: repeating all earlier edits or the first of them changes nothing, not even a stamp', () => {
    fc.assert(
      fc.property(history, fc.nat(9), (steps, length) => {
        const again = steps.slice(0, length).map(({ edit }) => edit);
        expect(after(again, last(steps))).toEqual(last(steps));
      }),
      part(20),
    );
  });

  it('P6: a later edit of a device never loses to its own earlier edit', () => {
    fc.assert(
      fc.property(history, (steps) => {
        for (const { edit, merged } of steps) {
          const { device, deviceSeq } = edit.stamp;
          const isBeaten = ({ stamp }: { stamp: Edit['stamp'] }) =>
            stamp.device === device && stamp.deviceSeq < deviceSeq;
          for (const [name, content] of Object.entries(edit.groups)) {
            const held = merged.state.groups[name]!;
            expect(held.content !== content && isBeaten(held)).toBe(false);
          }
          expect(merged.state.deleted !== edit.deletes && isBeaten(merged.state)).toBe(false);
        }
      }),
      part(15),
    );
  });

  it('P11: no edit counts with a time later than the server’s time', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.integer(), (claimed, now, skew) => {
        expect(editTime(claimed, now, skew)).toBeLessThanOrEqual(now);
      }),
      part(5),
    );
  });

  it('P11: no stored stamp has a later time, because the counter orders edits', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const latest = Math.max(0, ...steps.map(({ edit }) => edit.stamp.time));
        const { stamp, groups } = last(steps);
        for (const each of [stamp, ...Object.values(groups).map(({ stamp }) => stamp)])
          expect(each.time).toBeLessThanOrEqual(latest);
      }),
      part(5),
    );
  });

  it('P13: a group has the values of one edit, and the stamp of that edit’s device', () => {
    fc.assert(
      fc.property(history, (steps) => {
        for (const [name, { content, stamp }] of Object.entries(last(steps).groups)) {
          const said = [
            ...steps.map(({ edit }) => edit),
            { stamp: origin.stamp, groups: { g: 'x', h: 'x' } },
          ].filter((edit) => (edit.groups as Record<string, string>)[name] === content);
          expect(said.map(({ stamp: { device, deviceSeq } }) => `${device}${deviceSeq}`)).toContain(
            `${stamp.device}${stamp.deviceSeq}`,
          );
        }
      }),
      part(5),
    );
  });

  it('increases the version by one for a visible difference, and only then', () => {
    fc.assert(
      fc.property(history, (steps) => {
        for (const { before, merged } of steps) {
          const isVisible = JSON.stringify(shown(before)) !== JSON.stringify(shown(merged.state));
          expect(merged.state.version - before.version).toBe(Number(isVisible));
          if (merged.status === 'applied') expect(isVisible).toBe(true);
          if (merged.status === 'duplicate') expect(isVisible).toBe(false);
        }
      }),
      part(5),
    );
  });

  it('never goes back: no stamp becomes older, and no group is newer than its record', () => {
    fc.assert(
      fc.property(history, (steps) => {
        for (const { before, merged } of steps) {
          const { version, stamp, groups } = merged.state;
          if (!merged.state.deleted && !before.deleted)
            expect(compareStamps(stamp, before.stamp)).toBeGreaterThanOrEqual(0);
          for (const [name, group] of Object.entries(groups)) {
            expect(group.version).toBeLessThanOrEqual(version);
            expect(compareStamps(group.stamp, before.groups[name]!.stamp)).toBeGreaterThanOrEqual(0);
            expect(group.version).toBeGreaterThanOrEqual(before.groups[name]!.version);
          }
        }
      }),
      part(5),
    );
  });
});
