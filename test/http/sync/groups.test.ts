import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RecordChanges } from '../../../src/records/merge/record-changes.js';
import { UnitOfWork } from '../../../src/platform/database/unit-of-work.js';
import { TestApp } from '../../support/app.js';
import { DAY } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { type Device, drainSync, mealFields, pullPage, weightFields, type Wire } from '../../support/sync.js';
import {
  before,
  conflictsOf,
  everythingOf,
  liveOf,
  seenOf,
  shared,
  statusesOf,
  twoPhones,
} from './support.js';

describe.runIf(hasDatabase())('sync, groups of mutations', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start()));
  afterAll(() => app.stop());

  const grouped = (device: Device, count = 2, group_id: string = randomUUID()): Wire[] =>
    Array.from({ length: count }, (_, i) => device.create('weight', weightFields(70 + i), { group_id }));
  const invalid = (device: Device, group_id: string): Wire =>
    device.create('weight', { ...weightFields(), unit: 'stone-age' }, { group_id });
  /** Results are kept for 45 days, so an edit whose result was deleted is older. */
  const longAgo = (mutation: Wire): Wire => ({ ...mutation, modified_at: before(46 * DAY) });
  const errorsOf = (results: readonly Wire[]) => results.map(({ error }) => error?.code);

  it('C.3 a group of valid members is applied', async () => {
    const { person, a } = await twoPhones(app.api);
    expect(statusesOf(await a.push(...grouped(a, 5)))).toEqual(Array(5).fill('applied'));
    expect((await liveOf(person)).size).toBe(5);
  });

  it('C.3 one refused member undoes the whole group, before and after it, and nothing else', async () => {
    const { person, a } = await twoPhones(app.api);
    const group_id = randomUUID();
    const alone = a.create('weight', weightFields(60));
    const batch = [alone, ...grouped(a, 2, group_id), invalid(a, group_id), ...grouped(a, 2, group_id)];
    const results = await a.push(...batch);
    expect(statusesOf(results)).toEqual(['applied', ...Array(5).fill('rejected')]);
    expect(errorsOf(results)).toEqual([
      undefined,
      'group-rejected',
      'group-rejected',
      'not-allowed',
      'group-rejected',
      'group-rejected',
    ]);
    expect([...(await liveOf(person)).keys()]).toEqual([alone['id']]);
  });

  it('C.3 a repeated refused group is refused again, also when its answer was lost', async () => {
    const { person, a } = await twoPhones(app.api);
    const group_id = randomUUID();
    const batch = [...grouped(a, 2, group_id), invalid(a, group_id)];
    const first = await a.send(batch);
    const again = await a.send(batch);
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(errorsOf(again.body['results'])).toEqual(errorsOf(first.body['results']));
    expect((await liveOf(person)).size).toBe(0);
  });

  it('C.3 a repeated applied group is a duplicate', async () => {
    const { person, a } = await twoPhones(app.api);
    const batch = grouped(a, 3);
    await a.push(...batch);
    expect(statusesOf(await a.push(...batch))).toEqual(Array(3).fill('duplicate'));
    expect((await liveOf(person)).size).toBe(3);
  });

  it('C.3 a member that was applied earlier stays applied when the rest of its group fails', async () => {
    const { person, a } = await twoPhones(app.api);
    const group_id = randomUUID();
    const [early] = grouped(a, 1, group_id);
    await a.push(early!);
    const { status, body } = await a.send([early, invalid(a, group_id)]);
    expect(status).toBe(200);
    expect(body['results'][1]).toMatchObject({ status: 'rejected', error: { code: 'not-allowed' } });
    expect([...(await liveOf(person)).keys()]).toEqual([early!['id']]);
  });

  it.each([
    ['the same mutation twice', (first: Wire) => ({ ...first })],
    ['another with its mutation_id', (first: Wire) => ({ ...first, fields: weightFields(99) })],
    ['another with its client_seq', (first: Wire) => ({ ...first, mutation_id: randomUUID() })],
  ])('F25 a group that fails and holds %s is answered item by item', async (_, second) => {
    const { person, a } = await twoPhones(app.api);
    const group_id = randomUUID();
    const [first] = grouped(a, 1, group_id);
    const { status, body } = await a.send([first, second(first!), invalid(a, group_id)]);
    expect([status, body['results']?.length]).toEqual([200, 3]);
    expect(statusesOf(body['results'])).not.toContain('applied');
    expect((await liveOf(person)).size).toBe(0);
  });

  it('F30 a mutation between two members of a group is not lost', async () => {
    const { person, a } = await twoPhones(app.api);
    const group_id = randomUUID();
    const [first] = grouped(a, 1, group_id);
    const between = a.create('weight', weightFields(61));
    const [last] = grouped(a, 1, group_id);
    const results = await a.push(first!, between, last!);
    expect(statusesOf(results)).toEqual(['applied', 'applied', 'applied']);
    expect(await seenOf(person, between['id'])).toMatchObject({ data: weightFields(61) });
  });

  it('C.3 members are applied at their positions: mutations between them are applied between them', async () => {
    const { person, a } = await twoPhones(app.api);
    const group_id = randomUUID();
    const [first] = grouped(a, 1, group_id);
    const between = a.create('weight', weightFields(61));
    const last = a.update({ kind: 'weight', id: between['id'] }, weightFields(62), { group_id });
    expect(statusesOf(await a.push(first!, between, last))).toEqual(Array(3).fill('applied'));
    expect(await seenOf(person, between['id'])).toMatchObject({ version: 2, data: weightFields(62) });
  });

  it('C.3 edits that depend on a failed group fail too, groups completely, and the rest is applied', async () => {
    const { person, a } = await twoPhones(app.api);
    const [one, other] = [randomUUID(), randomUUID()];
    const [made] = grouped(a, 1, one);
    const alone = a.create('weight', weightFields(60));
    const target = { kind: 'weight', id: made!['id'] };
    const edit = a.update(target, weightFields(61));
    const member = a.update(target, weightFields(62), { group_id: other });
    const results = await a.push(made!, alone, edit, member, ...grouped(a, 1, other), invalid(a, one));
    expect(results.map(({ status, error }) => error?.code ?? status)).toEqual([
      'group-rejected',
      'applied',
      'gone',
      'record-gone',
      'group-rejected',
      'not-allowed',
    ]);
    expect(new Set((await liveOf(person)).keys())).toEqual(
      new Set([alone['id'], results[2]?.['conflict_id']]),
    );
  });

  it('F57 a chain of dependent groups fails together with the first', async () => {
    const { person, a } = await twoPhones(app.api);
    const attempts = vi.spyOn(RecordChanges.prototype, 'attempt');
    const alone = a.create('weight', weightFields(60));
    const chain: Wire[] = [];
    for (let last = invalid(a, randomUUID()); chain.length < 60;) {
      const group_id = randomUUID();
      const next = a.create('weight', weightFields(61), { group_id });
      const target = { kind: 'weight', id: last['id'] };
      if (chain.length === 0) chain.push({ ...last, group_id }, next);
      else chain.push(a.update(target, weightFields(62), { group_id }), next);
      last = next;
    }
    const results = await a.push(alone, ...chain);
    expect(results.map(({ status, error }) => error?.code ?? status)).toEqual([
      'applied',
      'not-allowed',
      'group-rejected',
      ...Array.from({ length: 29 }, () => ['record-gone', 'group-rejected']).flat(),
    ]);
    expect(attempts).toHaveBeenCalledTimes(2);
    attempts.mockRestore();
    expect([...(await liveOf(person)).keys()]).toEqual([alone['id']]);
  });

  it('C.3 a record that another mutation also creates exists for a group although its first creator fails', async () => {
    const { person, a } = await twoPhones(app.api);
    const [one, other] = [randomUUID(), randomUUID()];
    const [made] = grouped(a, 1, one);
    const again = a.create('weight', weightFields(63), { id: made!['id'] });
    const member = a.update({ kind: 'weight', id: made!['id'] }, weightFields(64), { group_id: other });
    const results = await a.push(made!, again, member, ...grouped(a, 1, other), invalid(a, one));
    expect(results.map(({ status, error }) => error?.code ?? status)).toEqual([
      'group-rejected',
      'applied',
      'applied',
      'applied',
      'not-allowed',
    ]);
    expect(await seenOf(person, made!['id'])).toMatchObject({ data: weightFields(64) });
  });

  it('F27 of a group whose results are deleted, only edits that the record shows are duplicates; the rest is refused', async () => {
    const { person, a } = await twoPhones(app.api);
    const group_id = randomUUID();
    const meal = await shared(a, 'meal');
    const held = grouped(a, 2).map(longAgo);
    await a.push(...held);
    const lost = [
      ...grouped(a, 1, group_id),
      a.update(meal, { note: 'typed' }, { group_id }),
      a.update(meal, { title: mealFields()['title'] }, { group_id }),
      a.delete(meal, { group_id }),
      invalid(a, group_id),
    ].map(longAgo);
    await a.push(...lost);
    await app.app
      .get(UnitOfWork)
      .run(() => app.db.execute('DELETE FROM sync_pushes WHERE user_id = ?', [person.userId]));
    expect(statusesOf(await a.push(...held))).toEqual(['duplicate', 'duplicate']);
    const unchanged = await everythingOf(person);
    const again = await a.push(...lost);
    expect(again.map(({ status, error }) => error?.code ?? status)).toEqual([
      'group-forgotten',
      'group-forgotten',
      'duplicate',
      'group-forgotten',
      'not-allowed',
    ]);
    expect(await everythingOf(person)).toEqual(unchanged);
  });

  it.each(['update', 'delete'])(
    'F37 a group with a change of a deleted record is refused as a whole: %s',
    async (op) => {
      const { person, a } = await twoPhones(app.api);
      const group_id = randomUUID();
      const [member] = grouped(a, 1, group_id);
      const target = { kind: 'meal', id: randomUUID(), version: 3 };
      const lost =
        op === 'update' ? a.update(target, { note: 'x' }, { group_id }) : a.delete(target, { group_id });
      const results = await a.push(member!, lost);
      expect(statusesOf(results)).toEqual(['rejected', 'rejected']);
      expect(errorsOf(results)).toEqual(['group-rejected', 'record-gone']);
      expect(results[1]).not.toHaveProperty('conflict_id');
      expect(errorsOf(await a.push(member!, lost))).toEqual(['group-rejected', 'record-gone']);
      expect([(await liveOf(person)).size, await conflictsOf(person)]).toEqual([0, []]);
      // Outside a group it is an ordinary edit, and kept.
      const { group_id: _, ...alone } = lost;
      const [again] = await a.push(a.mutation({ ...alone, mutation_id: randomUUID(), client_seq: 99 }));
      expect(again?.['status']).toBe('gone');
      expect(await conflictsOf(person)).toHaveLength(op === 'update' ? 1 : 0);
    },
  );

  it('C.6 a conflict in a group that is undone leaves no trace', async () => {
    const { person, a, b } = await twoPhones(app.api);
    const weight = await shared(a, 'weight');
    await a.push(a.update(weight, weightFields(80), { modified_at: before(60_000) }));
    const head = await drainSync(person);
    const group_id = randomUUID();
    const late = b.update(weight, weightFields(90), { modified_at: before(1_000), group_id });
    const results = await b.push(late, invalid(b, group_id));
    expect(statusesOf(results)).toEqual(['rejected', 'rejected']);
    expect(await conflictsOf(person)).toEqual([]);
    expect((await drainSync(person, { cursor: head.cursor })).changes).toEqual([]);
    expect((await seenOf(person, weight['id']))?.['data']).toMatchObject(weightFields(80));
    // And the record can be edited as if the group had not been sent.
    const [alone] = await b.push(b.update(weight, weightFields(91)));
    expect(alone?.['status']).toBe('conflict');
    expect(await conflictsOf(person)).toHaveLength(1);
  });

  it('C.3 members of several kinds are applied together, and a page may end between them', async () => {
    const { person, a } = await twoPhones(app.api);
    const group_id = randomUUID();
    const meal = a.create('meal', mealFields(), { group_id });
    const results = await a.push(meal, a.create('weight', weightFields(), { group_id }));
    expect(statusesOf(results)).toEqual(['applied', 'applied']);
    const { body } = await pullPage(person, { limit: 1 });
    expect([body['changes'].length, body['has_more']]).toEqual([1, true]);
    expect((await drainSync(person, { cursor: body['cursor'] })).changes).toHaveLength(1);
  });

  it('F30 two groups in one request are independent', async () => {
    const { person, a } = await twoPhones(app.api);
    const bad = randomUUID();
    const good = grouped(a, 2);
    const batch = [...good, ...grouped(a, 2, bad), invalid(a, bad)];
    expect(statusesOf(await a.push(...batch))).toEqual(['applied', 'applied', ...Array(3).fill('rejected')]);
    expect([...(await liveOf(person)).keys()].toSorted()).toEqual(good.map(({ id }) => id).toSorted());
  });
});
