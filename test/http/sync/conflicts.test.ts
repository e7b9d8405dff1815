import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { type Device, drainSync, mealFields, weightFields, type Wire } from '../../support/sync.js';
import {
  before,
  conflictsOf,
  everythingOf,
  liveOf,
  problemOf,
  seenOf,
  shared,
  twoPhones,
} from './support.js';

describe.runIf(hasDatabase())('sync, conflicts', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start()));
  afterAll(() => app.stop());

  interface Quarrel {
    readonly api: Api;
    readonly a: Device;
    readonly b: Device;
    readonly record: Wire;
    readonly conflict: Wire;
  }
  /** A wrote `Mine`, B wrote `Theirs` a minute later, independently. */
  async function quarrel(): Promise<Quarrel> {
    const { person, a, b } = await twoPhones(app.api);
    const record = await shared(a, 'meal');
    await b.push(b.update(record, { title: 'Theirs' }, { modified_at: before(1_000) }));
    await a.push(a.update(record, { title: 'Mine' }, { modified_at: before(60_000) }));
    const [conflict] = await conflictsOf(person);
    return { api: person, a, b, record, conflict: conflict! };
  }
  const resolve = (api: Api, { id }: Wire, body: unknown): Promise<Answer> =>
    api.post(`/api/sync/conflicts/${id}/resolve`, body);
  const titles = async (api: Api): Promise<unknown[]> =>
    [...(await liveOf(api)).values()].filter(({ kind }) => kind === 'meal').map(({ data }) => data.title);

  it('C.6 a conflict keeps both sides completely, in the list and in a pull, and counts as open', async () => {
    const { api, record, conflict } = await quarrel();
    const sides = {
      record_kind: 'meal',
      record_id: record['id'],
      reason: 'concurrent-edit',
      base_version: 1,
      winner: { version: 2, modified_by: 'b', deleted: false, data: mealFields({ title: 'Theirs' }) },
      loser: { version: null, modified_by: 'a', deleted: false, data: { title: 'Mine' } },
      status: 'open',
      resolution: null,
      resolved_at: null,
    };
    expect(conflict).toMatchObject(sides);
    expect(Object.keys(conflict['loser'].data)).toEqual(['title']);
    expect(await seenOf(api, conflict['id'])).toMatchObject({ kind: 'conflict', data: sides });
    expect((await api.get('/api/sync/status')).body['conflicts']).toBe(1);
    expect((await api.get('/api/sync/conflicts?status=resolved')).body['data']).toEqual([]);
  });

  it.each([
    ['keep_current', {}, ['Theirs'], false],
    ['use_other', {}, ['Mine'], true],
    // The names of older clients.
    ['keep_server', {}, ['Theirs'], false],
    ['use_mine', {}, ['Mine'], true],
    ['merged', { fields: { title: 'Ours', note: 'both' } }, ['Ours'], true],
    ['keep_both', {}, ['Mine', 'Theirs'], true],
  ])('C.6 %s', async (choice, extra, expected, writes) => {
    const { api, record, conflict } = await quarrel();
    const { cursor } = await drainSync(api);
    const { status, body } = await resolve(api, conflict, { choice, ...extra });
    expect(status).toBe(200);
    expect(body['conflict']).toMatchObject({
      id: conflict['id'],
      status: 'resolved',
      resolution: { keep_current: 'keep_server', use_other: 'use_mine' }[choice] ?? choice,
      resolved_at: expect.any(String),
    });
    expect((await titles(api)).toSorted()).toEqual(expected);
    expect('record' in body).toBe(writes);
    if (writes) expect((body['record'].id === record['id']) === (choice !== 'keep_both')).toBe(true);
    if (writes) expect(await seenOf(api, body['record'].id)).toEqual(body['record']);
    const changed = (await drainSync(api, { cursor })).changes.map(({ kind }) => kind as string);
    expect(changed.toSorted()).toEqual(writes ? ['conflict', 'meal'] : ['conflict']);
    expect((await api.get('/api/sync/status')).body['conflicts']).toBe(0);
  });

  it('C.6 keep_both creates a complete record from the losing part', async () => {
    const { api, conflict } = await quarrel();
    const { body } = await resolve(api, conflict, { choice: 'keep_both' });
    expect(body['record'].data).toMatchObject(mealFields({ title: 'Mine' }));
  });

  it('C.6 use_mine is kept on a phone that edited other fields in between', async () => {
    const { api, b, record, conflict } = await quarrel();
    await b.push(b.update({ ...record, version: 2 }, { note: 'later' }));
    await resolve(api, conflict, { choice: 'use_mine' });
    expect((await seenOf(api, record['id']))?.['data']).toMatchObject({ title: 'Mine', note: 'later' });
  });

  it.each([
    ['use_other', {}],
    ['merged', { fields: { title: 'Ours' } }],
    ['keep_both', {}],
    ['keep_current', {}],
  ])('C.6 %s keeps everything that was stored after the conflict', async (choice, extra) => {
    const { api, b, record, conflict } = await quarrel();
    await b.push(b.update({ ...record, version: 2 }, { title: 'Newer' }));
    expect((await resolve(api, conflict, { choice, ...extra })).status).toBe(200);
    const chosen = { use_other: ['Mine'], merged: ['Ours'], keep_both: ['Mine', 'Newer'] }[choice];
    expect((await titles(api)).toSorted()).toEqual(chosen ?? ['Newer']);
    const open = (await conflictsOf(api)).filter(({ status }) => status === 'open');
    const isReplaced = choice === 'use_other' || choice === 'merged';
    expect(open.map(({ reason, winner, loser }) => [reason, winner.data.title, loser.data.title])).toEqual(
      isReplaced ? [['concurrent-edit', chosen?.[0], 'Newer']] : [],
    );
    // And the replaced version can be chosen again.
    if (isReplaced) await resolve(api, open[0]!, { choice: 'use_mine' });
    if (isReplaced) expect(await titles(api)).toEqual(['Newer']);
    expect((await api.get('/api/sync/status')).body['conflicts']).toBe(0);
  });

  it('C.6 shows the final winner, not one within a request, and closes with one choice', async () => {
    const { person, a, b } = await twoPhones(app.api);
    const record = await shared(a, 'meal');
    await a.push(a.update(record, { title: 'Theirs' }, { modified_at: before(60_000) }));
    // Two edits while offline.
    const edits = ['First', 'Second'].map((title) => b.update(record, { title }));
    await b.push(...edits);
    const [conflict] = await conflictsOf(person);
    const held = await seenOf(person, record['id']);
    expect([conflict!.winner.version, conflict!.winner.data.title]).toEqual([held?.['version'], 'Second']);
    expect((await resolve(person, conflict!, { choice: 'use_mine' })).status).toBe(200);
    expect(await titles(person)).toEqual(['Theirs']);
    expect((await person.get('/api/sync/status')).body['conflicts']).toBe(0);
  });

  it.each(['keep_current', 'use_other', 'keep_both', 'merged'])(
    'C.6 %s refuses invalid fields, names them and changes nothing',
    async (choice) => {
      const { api, conflict } = await quarrel();
      for (const [fields, field] of [
        [{ title: 5 }, 'fields.title'],
        [{ unknown: 1 }, 'fields.unknown'],
        [{}, 'fields'],
      ] as const) {
        const answer = await resolve(api, conflict, { choice, fields });
        expect([answer.status, problemOf(answer)]).toEqual([422, 'validation']);
        expect(answer.body['errors'].map((error: { field: string }) => error.field)[0]).toContain(field);
      }
      expect((await conflictsOf(api))[0]).toMatchObject({ status: 'open' });
      expect(await titles(api)).toEqual([conflict.winner.data.title]);
    },
  );

  it('F42 the second to resolve gets the first choice; every phone learns that it is closed', async () => {
    const { api, conflict, record } = await quarrel();
    const { cursor } = await drainSync(api);
    await resolve(api, conflict, { choice: 'use_mine' });
    const second = await resolve(api, conflict, { choice: 'keep_server' });
    expect([second.status, problemOf(second)]).toEqual([409, 'conflict-resolved']);
    expect(second.body['conflict']).toMatchObject({ status: 'resolved', resolution: 'use_mine' });
    const told = (await drainSync(api, { cursor })).changes.find(({ kind }) => kind === 'conflict');
    expect(told?.['data']).toMatchObject({ status: 'resolved', resolution: 'use_mine' });
    expect((await seenOf(api, record['id']))?.['data']).toMatchObject({ title: 'Mine' });
  });

  it('F42 of ten concurrent choices exactly one wins and takes effect', async () => {
    const { api, conflict } = await quarrel();
    const choices = Array.from({ length: 10 }, (_, i) => ({
      choice: 'merged',
      fields: { title: `choice ${i}` },
    }));
    const answers = await Promise.all(choices.map((choice) => resolve(api, conflict, choice)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(9).fill(409)]);
    const winner = answers.findIndex(({ status }) => status === 200);
    expect(await titles(api)).toEqual([`choice ${winner}`]);
  });

  it('C.6 a weight that differs by less than half a kilogram is kept as a resolved conflict', async () => {
    const { person, a, b } = await twoPhones(app.api);
    const record = await shared(a, 'weight');
    await a.push(a.update(record, weightFields(80), { modified_at: before(60_000) }));
    const [result] = await b.push(b.update(record, weightFields(80.4)));
    expect(result).toMatchObject({ status: 'applied', conflict_id: expect.any(String) });
    expect(await conflictsOf(person)).toMatchObject([
      {
        id: result?.['conflict_id'],
        status: 'resolved',
        resolution: 'automatic',
        loser: { data: weightFields(80) },
      },
    ]);
    expect((await person.get('/api/sync/status')).body['conflicts']).toBe(0);
    const late = await resolve(person, { id: result?.['conflict_id'] }, { choice: 'use_mine' });
    expect([late.status, problemOf(late)]).toEqual([409, 'conflict-resolved']);
  });

  it.each([
    ['merged without fields', { choice: 'merged' }, 'fields'],
    ['an invalid field', { choice: 'merged', fields: { meal_type: 'feast' } }, 'fields.meal_type'],
    ['a torn group', { choice: 'merged', fields: { time_zone: 'Asia/Tokyo' } }, 'fields.eaten_at'],
    ['an unknown field', { choice: 'merged', fields: { colour: 'red' } }, 'fields.colour'],
    ['an item that is none', { choice: 'merged', fields: { items: [{ name: 1 }] } }, 'fields.items'],
    ['no choice', {}, 'choice'],
    ['another choice', { choice: 'both' }, 'choice'],
    ['fields of another shape', { choice: 'merged', fields: [] }, 'fields'],
  ])('C.6 %s is refused with the name of the field, and nothing changes', async (_, body, field) => {
    const { api, conflict } = await quarrel();
    const unchanged = await everythingOf(api);
    const answer = await resolve(api, conflict, body);
    expect([answer.status, problemOf(answer)]).toEqual([422, 'validation']);
    expect(answer.body['errors'][0].field.startsWith(field)).toBe(true);
    expect(await everythingOf(api)).toEqual(unchanged);
  });

  it('F53 a conflict of another person is not found', async () => {
    const { api, conflict } = await quarrel();
    const eve = await app.api.register();
    const unchanged = await everythingOf(api);
    const [answer, unknown] = await Promise.all([
      resolve(eve, conflict, { choice: 'use_mine' }),
      resolve(eve, { id: randomUUID() }, { choice: 'use_mine' }),
    ]);
    expect([answer.status, answer.body['type']]).toEqual([404, unknown.body['type']]);
    expect(await conflictsOf(eve)).toEqual([]);
    expect(await everythingOf(api)).toEqual(unchanged);
  });

  it.each(['use_other', 'keep_both'])(
    'F35 after a deletion won over an edit, %s restores the edit',
    async (choice) => {
      const { person, a, b } = await twoPhones(app.api);
      const record = await shared(a, 'meal');
      await a.push(a.update(record, { title: 'Mine' }, { modified_at: before(60_000) }));
      await b.push(b.delete(record, { modified_at: before(1_000) }));
      expect(await titles(person)).toEqual([]);
      const [conflict] = await conflictsOf(person);
      expect((await resolve(person, conflict!, { choice })).status).toBe(200);
      const [back, ...others] = [...(await liveOf(person)).values()].filter(({ kind }) => kind === 'meal');
      expect(others).toEqual([]);
      expect(back?.['data']).toMatchObject(mealFields({ title: 'Mine' }));
      expect(back?.['id'] === record['id']).toBe(choice === 'use_other');
    },
  );

  it.each(['use_other', 'keep_both'])(
    'F37 a record that is gone can be created again from a complete edit: %s',
    async (choice) => {
      const { person, a } = await twoPhones(app.api);
      const target = { kind: 'meal', id: randomUUID(), version: 2 };
      await a.push(a.update(target, mealFields({ title: 'Mine' })));
      const [conflict] = await conflictsOf(person);
      expect((await resolve(person, conflict!, { choice })).status).toBe(200);
      expect(await titles(person)).toEqual(['Mine']);
    },
  );

  it('F37 a partial edit of a missing record needs the other fields, and the error names them', async () => {
    const { person, a } = await twoPhones(app.api);
    await a.push(a.update({ kind: 'meal', id: randomUUID(), version: 2 }, { title: 'Mine' }));
    const [conflict] = await conflictsOf(person);
    const refused = await resolve(person, conflict!, { choice: 'use_mine' });
    expect([refused.status, refused.body['errors'][0].code]).toEqual([422, 'required']);
    expect((await conflictsOf(person))[0]?.['status']).toBe('open');
    const merged = await resolve(person, conflict!, {
      choice: 'merged',
      fields: mealFields({ title: 'Mine' }),
    });
    expect(merged.status).toBe(200);
    expect(await titles(person)).toEqual(['Mine']);
  });

  it('C.6 clients cannot write conflicts', async () => {
    const { api, a, conflict } = await quarrel();
    const unchanged = await everythingOf(api);
    const target = { kind: 'conflict', id: conflict['id'], version: 1 };
    const results = await a.push(
      a.update(target, { status: 'resolved' }),
      a.delete(target),
      a.create('conflict', {}),
    );
    expect(results.map(({ error }) => `${error?.code} ${error?.field}`)).toEqual(
      Array(3).fill('not-allowed kind'),
    );
    expect(await everythingOf(api)).toEqual(unchanged);
  });
});
