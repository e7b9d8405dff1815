import { describe, expect, it } from 'vitest';
import {
  begin,
  type Edit,
  editTime,
  merge,
  type Merge,
  type RecordState,
} from '../../src/records/merge/merge.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const NOW = 1_800_000_000_000;

type Groups = Record<string, string>;
type Origin = Partial<Edit> & { seq?: number; counter?: number };

/** An edit of some groups by a device at a time. */
const edit = (device: string, time: number, groups: Groups, origin: Origin = {}): Edit => {
  const { seq = 0, counter = 0, ...rest } = origin;
  return { stamp: { time, counter, device, deviceSeq: seq }, deletes: false, groups, ...rest };
};

const deletion = (device: string, time: number, origin: Origin = {}): Edit =>
  edit(device, time, {}, { deletes: true, ...origin });

const play = (first: Edit, ...edits: Edit[]): RecordState =>
  edits.reduce((state, next) => merge(state, next).state, begin(first));

const contents = ({ groups }: RecordState): Groups =>
  Object.fromEntries(Object.entries(groups).map(([name, { content }]) => [name, content]));

const shown = (state: RecordState): Groups | 'deleted' => (state.deleted ? 'deleted' : contents(state));

/** Every order in which the edits may arrive. */
function orders<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) => orders(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}

/** The result of the edits. It checks that the result is the same in every order of arrival. */
function inAnyOrder(first: Edit, ...edits: Edit[]): Groups | 'deleted' {
  const results = orders(edits).map((order) => shown(play(first, ...order)));
  for (const result of results) expect(result).toEqual(results[0]);
  return results[0]!;
}

const origin = edit('z', 0, { weight: '70 kg', note: '-' });

describe('editTime', () => {
  it('F14: counts an edit from a clock one year ahead as made now, so that the next correct edit wins', () => {
    const time = editTime(NOW + 365 * DAY, NOW);
    expect(time).toBe(NOW);
    const ahead = merge(begin(origin), edit('a', time, { weight: '80 kg' })).state;
    const next = merge(ahead, edit('b', editTime(NOW + 5_000, NOW + 5_000), { weight: '81 kg' }));
    expect(next.status).toBe('applied');
    expect(next.state.stamp.time).toBe(NOW + 5_000);
  });

  it('F14: corrects a clock that is ahead, when the device sends its time', () => {
    expect(editTime(NOW + 365 * DAY - 3 * MINUTE, NOW, -365 * DAY)).toBe(NOW - 3 * MINUTE);
  });

  it('F15: corrects a clock that is a day behind', () => {
    expect(editTime(NOW - DAY - 3 * MINUTE, NOW, DAY)).toBe(NOW - 3 * MINUTE);
  });

  it('corrects a wrong clock, but not the delay of a network', () => {
    expect(editTime(100_000, 1_000_000, 70_000)).toBe(170_000);
    expect(editTime(100_000, 1_000_000, -70_000)).toBe(30_000);
    expect(editTime(100_000, 1_000_000, MINUTE + 1)).toBe(100_000 + MINUTE + 1);
    expect(editTime(100_000, 1_000_000, MINUTE)).toBe(100_000);
    expect(editTime(100_000, 1_000_000, -MINUTE)).toBe(100_000);
  });
});

describe('a new record', () => {
  it('has the values of its first edit', () => {
    const { stamp } = origin;
    expect(begin(origin)).toEqual({
      version: 1,
      deleted: false,
      stamp,
      groups: {
        weight: { content: '70 kg', stamp, version: 1 },
        note: { content: '-', stamp, version: 1 },
      },
    });
  });
});

describe('one group of fields', () => {
  const status = (...edits: Edit[]): Merge => merge(play(origin, ...edits.slice(0, -1)), edits.at(-1)!);

  it('accepts a newer edit, and reports a group that both sides changed', () => {
    const merged = status(edit('a', 10, { weight: '80 kg' }), edit('b', 20, { weight: '81 kg' }));
    expect(merged).toMatchObject({ status: 'applied', won: ['weight'], contested: ['weight'] });
    expect(merged.state.version).toBe(3);
    expect(merged.state.groups['weight']!.version).toBe(3);
    expect(merged.state.groups['note']!.version).toBe(1);
  });

  it('refuses an older edit, and reports the group as well', () => {
    const merged = status(edit('a', 20, { weight: '80 kg' }), edit('b', 10, { weight: '81 kg' }));
    expect(merged).toMatchObject({ status: 'superseded', won: [], contested: ['weight'] });
    expect(merged.state.version).toBe(2);
  });

  it('F31: a concurrent edit has the same winner in both orders', () => {
    const edits = [edit('a', 10, { weight: '80 kg' }), edit('b', 11, { weight: '81 kg' })];
    expect(inAnyOrder(origin, ...edits)).toEqual({ weight: '81 kg', note: '-' });
  });

  it('F32: of two devices with the same time, the same one wins in both orders', () => {
    const edits = [edit('a', 10, { weight: '80 kg' }), edit('b', 10, { weight: '81 kg' })];
    expect(inAnyOrder(origin, ...edits)).toEqual({ weight: '81 kg', note: '-' });
  });

  it('F32: of three devices with the same time, the same one wins in all six orders', () => {
    const edits = ['b', 'c', 'a'].map((device) => edit(device, 10, { weight: `${device} kg` }));
    expect(inAnyOrder(origin, ...edits)).toEqual({ weight: 'c kg', note: '-' });
  });

  it('F32: for clients without a device id, the content decides', () => {
    const edits = ['80', '82', '81'].map((weight) => edit('', 10, { weight }));
    expect(inAnyOrder(origin, ...edits)).toEqual({ weight: '82', note: '-' });
  });

  it('F34: value and unit always come from the same edit', () => {
    const pairs = ['80 kg', '176 lb', '12 st'].map((weight, index) => edit('abc'[index]!, 10, { weight }));
    expect(['80 kg', '176 lb', '12 st']).toContain((inAnyOrder(origin, ...pairs) as Groups)['weight']);
  });

  it('a newer edit with the same values changes nothing, but counts in later comparisons', () => {
    const same = status(edit('a', 10, { weight: '80 kg' }), edit('b', 30, { weight: '80 kg' }));
    expect(same).toMatchObject({ status: 'duplicate', contested: [] });
    expect(same.state).toMatchObject({ version: 2, stamp: { time: 30 } });
    expect(same.state.groups['weight']!.version).toBe(2);
    expect(merge(same.state, edit('c', 20, { weight: '81 kg' })).status).toBe('superseded');
  });

  it('an older edit with the same values is a duplicate and changes nothing', () => {
    const before = play(origin, edit('a', 30, { weight: '80 kg' }));
    const same = merge(before, edit('b', 10, { weight: '80 kg' }));
    expect(same.status).toBe('duplicate');
    expect(same.state).toEqual(before);
  });

  it('F15: an edit made on the current version wins, whatever time its clock shows', () => {
    const merged = status(
      edit('a', 100, { weight: '80 kg' }),
      edit('b', 5, { weight: '81 kg' }, { baseVersion: 2 }),
    );
    expect(merged).toMatchObject({ status: 'applied', contested: [] });
    expect(merged.state.stamp).toEqual({ time: 100, counter: 2, device: 'b', deviceSeq: 0 });
  });

  it('F15: an edit made on an older version is concurrent', () => {
    const merged = status(
      edit('a', 100, { weight: '80 kg' }),
      edit('b', 5, { weight: '81 kg' }, { baseVersion: 1 }),
    );
    expect(merged).toMatchObject({ status: 'superseded', contested: ['weight'] });
  });

  it('an edit made before another group changed is not concurrent for its own group', () => {
    const merged = status(
      edit('a', 100, { note: 'x' }),
      edit('b', 0, { weight: '81 kg' }, { baseVersion: 1 }),
    );
    expect(merged).toMatchObject({ status: 'applied', contested: [] });
  });

  it('P6: the next edit of a device wins, also when its clock went back', () => {
    const merged = status(
      edit('a', 100, { weight: '80 kg' }, { seq: 7 }),
      edit('a', 5, { weight: '81 kg' }, { seq: 8 }),
    );
    expect(merged).toMatchObject({ status: 'applied', contested: [] });
    expect(merged.state.stamp).toEqual({ time: 100, counter: 0, device: 'a', deviceSeq: 8 });
  });

  it('P6: an earlier edit of a device that arrives late does not win, and no text is lost', () => {
    const merged = status(
      edit('a', 100, { weight: '80 kg' }, { seq: 8 }),
      edit('a', 5, { weight: '81 kg' }, { seq: 7 }),
    );
    expect(merged).toMatchObject({ status: 'superseded', contested: [] });
  });

  it('edits of a device without numbers are ordered by time, and then by arrival', () => {
    const older = status(edit('a', 100, { weight: '80 kg' }), edit('a', 5, { weight: '81 kg' }));
    expect(older).toMatchObject({ status: 'superseded', contested: [] });
    const same = status(edit('a', 100, { weight: '82 kg' }), edit('a', 100, { weight: '81 kg' }));
    expect(same).toMatchObject({ status: 'applied', contested: [] });
  });

  it('an edit of a blind client makes no conflict when it wins, but one when it loses', () => {
    const blind = { isBlind: true };
    const wins = status(edit('a', 10, { weight: '80 kg' }), edit('b', 20, { weight: '81 kg' }, blind));
    expect(wins).toMatchObject({ status: 'applied', contested: [] });
    const loses = status(edit('a', 20, { weight: '80 kg' }), edit('b', 10, { weight: '81 kg' }, blind));
    expect(loses).toMatchObject({ status: 'superseded', contested: ['weight'] });
  });
});

describe('several groups of fields', () => {
  it('F33: edits of different groups both take effect, in both orders', () => {
    const edits = [edit('a', 20, { weight: '80 kg' }), edit('b', 10, { note: 'after lunch' })];
    expect(inAnyOrder(origin, ...edits)).toEqual({ weight: '80 kg', note: 'after lunch' });
    const merged = merge(play(origin, edits[0]!), { ...edits[1]!, baseVersion: 1 });
    expect(merged).toMatchObject({ status: 'applied', contested: [] });
    expect(merged.state.stamp.time).toBe(20);
  });

  it('F33: an edit of two groups can win in one and lose in the other', () => {
    const before = play(origin, edit('a', 20, { weight: '80 kg' }));
    const merged = merge(before, edit('b', 10, { weight: '81 kg', note: 'x' }, { baseVersion: 1 }));
    expect(merged).toMatchObject({ status: 'merged', won: ['note'], contested: ['weight'] });
    expect(contents(merged.state)).toEqual({ weight: '80 kg', note: 'x' });
  });

  it('an edit that loses one group and repeats another is superseded', () => {
    const before = play(origin, edit('a', 20, { weight: '80 kg', note: 'x' }));
    const merged = merge(before, edit('b', 10, { weight: '81 kg', note: 'x' }));
    expect(merged).toMatchObject({ status: 'merged', won: [] });
    expect(merged.state).toEqual(before);
  });

  it('an edit of a group without a value takes effect, however old it is', () => {
    const merged = merge(begin(origin), edit('a', -5, { mood: 'good' }));
    expect(merged).toMatchObject({ status: 'applied', won: ['mood'], contested: [] });
    expect(merged.state).toMatchObject({ version: 2, stamp: { time: 0 } });
  });
});

describe('deletion and restoration', () => {
  const change = (time: number): Edit => edit('a', time, { weight: '80 kg' });
  const changed = { weight: '80 kg', note: '-' };

  it('F35: a newer edit wins against an older deletion, in both orders', () => {
    expect(inAnyOrder(origin, change(20), deletion('b', 10))).toEqual(changed);
  });

  it('F35: a newer deletion wins against an older edit, in both orders', () => {
    expect(inAnyOrder(origin, change(10), deletion('b', 20))).toBe('deleted');
  });

  it.each(['0', 'b'])('F35: with the same time the deletion wins, in both orders, by device %s', (device) => {
    expect(inAnyOrder(origin, change(10), deletion(device, 10))).toBe('deleted');
  });

  it.each([
    ['edit, then older deletion', change(20), deletion('b', 10), 'superseded'],
    ['edit, then newer deletion', change(10), deletion('b', 20), 'applied'],
    ['deletion, then older edit', deletion('b', 20), change(10), 'superseded'],
    ['deletion, then newer edit', deletion('b', 10), change(20), 'applied'],
  ])('F35: is a conflict without knowledge of each other: %s', (_, first, second, status) => {
    expect(merge(play(origin, first), second)).toMatchObject({ status, contestedLife: true });
  });

  it('a deletion of a version that its author saw is no conflict', () => {
    expect(merge(begin(origin), deletion('b', 5, { baseVersion: 1 })).contestedLife).toBe(false);
  });

  it('F35: a deletion made on the current version wins, whatever time its clock shows', () => {
    const merged = merge(play(origin, change(100)), deletion('b', 5, { baseVersion: 2 }));
    expect(merged).toMatchObject({ status: 'applied', contestedLife: false });
    expect(merged.state.stamp).toMatchObject({ time: 100, counter: 3, device: 'b' });
  });

  it('a second deletion is a duplicate, and the newer stamp counts', () => {
    const merged = merge(play(origin, deletion('a', 10)), deletion('b', 20));
    expect(merged).toMatchObject({ status: 'duplicate', contestedLife: false });
    expect(merged.state).toMatchObject({ version: 2, stamp: { time: 20 } });
    expect(merge(merged.state, change(15)).status).toBe('superseded');
  });

  it('F38: an edit newer than the tombstone restores the record with its values', () => {
    const merged = merge(play(origin, deletion('b', 10)), edit('a', 20, { note: 'back' }));
    expect(merged.status).toBe('applied');
    expect(merged.state.version).toBe(3);
    expect(shown(merged.state)).toEqual({ weight: '70 kg', note: 'back' });
  });

  it('F38: an edit with the same values also restores the record', () => {
    const merged = merge(play(origin, deletion('b', 10)), edit('a', 20, { weight: '70 kg', note: '-' }));
    expect(merged.status).toBe('applied');
    expect(merged.state.deleted).toBe(false);
  });

  it('F38: an older edit of a deleted record is stored, and visible if the record is restored', () => {
    const before = play(origin, deletion('b', 20));
    const merged = merge(before, change(10));
    expect(merged.state).toMatchObject({ version: before.version, deleted: true });
    expect(inAnyOrder(origin, change(10), deletion('b', 20), edit('c', 30, { note: 'back' }))).toEqual({
      weight: '80 kg',
      note: 'back',
    });
  });

  it('F38: a restoration made on the tombstone, or next by the same device, wins whatever its time is', () => {
    const seen = merge(play(origin, deletion('b', 20)), edit('a', 5, { note: 'x' }, { baseVersion: 2 }));
    expect(seen).toMatchObject({ status: 'applied', contestedLife: false });
    const own = merge(play(origin, deletion('b', 20, { seq: 1 })), edit('b', 5, { note: 'x' }, { seq: 2 }));
    expect(own.state).toMatchObject({ deleted: false, stamp: { time: 20, counter: 1 } });
  });

  it('P6: a device can delete its last edit, also when its clock went back', () => {
    const own = merge(play(origin, edit('a', 20, { note: 'x' }, { seq: 1 })), deletion('a', 5, { seq: 2 }));
    expect(own.state).toMatchObject({ deleted: true, stamp: { time: 20, counter: 0, deviceSeq: 2 } });
  });

  it('a deletion after an own edit makes a conflict only for values of another device that it has not seen', () => {
    const apart = play(
      origin,
      edit('b', 20, { value: 'y' }),
      edit('a', 30, { note: 'x' }, { seq: 1, baseVersion: 1 }),
    );
    const last = (baseVersion?: number): boolean =>
      merge(apart, deletion('a', 40, { seq: 2, baseVersion })).contestedLife;
    expect([last(), last(1), last(2), last(3)]).toEqual([true, true, false, false]);
  });

  it('a blind deletion makes no conflict when it wins', () => {
    expect(merge(begin(origin), deletion('b', 5, { isBlind: true })).contestedLife).toBe(false);
    expect(merge(play(origin, change(20)), deletion('b', 5, { isBlind: true })).contestedLife).toBe(true);
  });
});
