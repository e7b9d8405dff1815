import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { chooseSeed, seededRandom } from '../../support/random.js';
import { listAll, reading, READINGS } from '../../support/readings.js';
import { Device, drainSync, shown, type Wire } from '../../support/sync.js';

/*
 * One device changes the kind of a reading, and another one its tags, without knowing of each other. Kind and tags are two groups.
 * H1 No reading of a kind without tags has tags, whatever was edited in what order.
 * H2 The result is the same in both orders of arrival, and so is what is kept in conflicts of the two edits.
 * H3 What a person typed is in the reading, in a kept conflict, or was replaced by somebody who had seen it.
 * H4 No edit is refused for what its author has not seen; one that would leave tags its author has seen is refused.
 * H5 Afterwards the reading can be corrected, and a phone that reads all has what REST answers.
 */
const at = (minute: number): string => `2026-02-01T10:${String(minute).padStart(2, '0')}:00.000Z`;
const { tags: _unused, ...mood } = reading('mood', { value: 4, tags: null });
const pain = reading('pain', { value: 3 });
const energy = reading('energy_level', { value: 2 });

interface Edit {
  readonly fields: Wire;
  readonly base: number;
  readonly minute: number;
}
interface Case {
  /** The tags at first, and those that a third device sets as version 2, if it does. */
  readonly first: string[] | null;
  readonly second: string[] | null | undefined;
  readonly a: Edit;
  readonly b: Edit;
}

const KINDS: Wire[] = [pain, { ...pain, tags: null }, energy, { ...energy, tags: ['a'] }];
const TAGS: Wire[] = [{ tags: ['b'] }, { ...mood, value: 2, tags: ['b'] }, { tags: null }];

/**
 * An author who has seen tags does not leave them on a kind without tags. Nobody says what the reading says already: such an edit counts
 * as nothing, so that it matters what arrives first (docs/decisions/0037).
 */
const isSound = ({ first, second }: Case, { fields, base }: Edit): boolean => {
  const stored = second === undefined ? first : second;
  const seen = base === 2 ? stored : first;
  if ('tags' in fields) return fields['tags'] !== null || (seen !== null && stored !== null);
  return fields['metric'] !== 'pain' || seen === null;
};

function allCases(): Case[] {
  const cases: Case[] = [];
  const histories = [[null], [['x']], [null, ['x']], [['x'], null], [['x'], ['z']]] as const;
  for (const [first, second] of histories)
    for (const kind of KINDS)
      for (const tagged of TAGS)
        for (const [aAt, bAt] of [
          [1, 2],
          [2, 1],
          [1, 1],
        ] as const)
          for (const bases of second === undefined
            ? [[1, 1]]
            : [
                [1, 2],
                [2, 1],
                [2, 2],
                [1, 1],
              ])
            cases.push({
              first: first as string[] | null,
              second: second as string[] | null | undefined,
              a: { fields: kind, base: bases[0]!, minute: 30 + aAt },
              b: { fields: tagged, base: bases[1]!, minute: 30 + bAt },
            });
  return cases.filter((one) => isSound(one, one.a) && isSound(one, one.b));
}

describe.runIf(hasDatabase())('tags of a reading whose kind is changed elsewhere', () => {
  let app: TestApp;
  let ada: Api;
  let phones: { a: Device; b: Device; c: Device };
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  async function register(): Promise<void> {
    ada = await app.api.register();
    const device = (name: string): Promise<Device> => new Device(ada, name).ready();
    phones = { a: await device('a'), b: await device('b'), c: await device('c') };
  }

  async function pushAll(device: Device, mutations: readonly Wire[]): Promise<Wire[]> {
    const results: Wire[] = [];
    for (let from = 0; from < mutations.length; from += 100)
      results.push(...(await device.push(...mutations.slice(from, from + 100))));
    return results;
  }

  const target = (id: string, base: number): Wire => ({ kind: 'health_metric', id, version: base });
  const mutationOf = (device: Device, id: string, { fields, base, minute }: Edit): Wire =>
    device.update(target(id, base), fields, { modified_at: at(minute) });

  /** One reading for each history, as it is before the two edits. */
  async function begun(all: readonly Pick<Case, 'first' | 'second'>[]): Promise<string[]> {
    const { c } = phones;
    const made = all.map(({ first }) =>
      c.create('health_metric', { ...mood, tags: first }, { modified_at: at(0) }),
    );
    await pushAll(c, made);
    const ids = made.map((one) => one['id'] as string);
    await pushAll(
      c,
      all.flatMap(({ second }, index) =>
        second === undefined
          ? []
          : [c.update(target(ids[index]!, 1), { tags: second }, { modified_at: at(1) })],
      ),
    );
    return ids;
  }

  const readings = async (): Promise<Map<string, Wire>> => shown((await drainSync(ada)).changes);
  /** What lost, by the reading. */
  async function lostOf(): Promise<Map<string, Wire[]>> {
    const lost = new Map<string, Wire[]>();
    for (const one of await listAll(ada, '/api/sync/conflicts'))
      lost.set(one['record_id'], [...(lost.get(one['record_id']) ?? []), one['loser'].data]);
    return lost;
  }

  const isStray = ({ metric, tags }: Wire): boolean => metric === 'pain' && tags !== null;
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
  const isIn = (part: Wire, data: Wire): boolean =>
    Object.keys(part).every((field) => same(data[field], part[field]));
  const partsOf = ({ metric, value, tags }: Wire): Wire[] => [
    ...(metric === undefined ? [] : [{ metric, value }]),
    ...(tags ? [{ tags }] : []),
  ];

  /** H1 and H3 for a reading to which two made edits, neither of whom has seen that of the other. */
  function check({ a, b }: Case, data: Wire, lost: readonly Wire[]): void {
    expect([a, b, isStray(data)]).toEqual([a, b, false]);
    for (const part of [a, b].flatMap(({ fields }) => partsOf(fields)))
      expect({ a, b, part, isKept: [data, ...lost].some((one) => isIn(part, one)) }).toEqual({
        a,
        b,
        part,
        isKept: true,
      });
  }

  it('H1 H2 H3 H4 is the same in both orders, with every value kept', async () => {
    await register();
    const cases = allCases();
    const { a, b } = phones;
    const [one, other] = [await begun(cases), await begun(cases)];
    const edits = (device: Device, ids: readonly string[], who: 'a' | 'b'): Wire[] =>
      cases.map((each, index) => mutationOf(device, ids[index]!, each[who]));
    const results = [
      ...(await pushAll(a, edits(a, one, 'a'))),
      ...(await pushAll(b, edits(b, one, 'b'))),
      ...(await pushAll(b, edits(b, other, 'b'))),
      ...(await pushAll(a, edits(a, other, 'a'))),
    ];
    expect(results.filter(({ status }) => status === 'rejected')).toEqual([]);
    const [all, lost] = [await readings(), await lostOf()];
    const dataOf = (id: string): Wire => all.get(id)!['data'] as Wire;
    // Only what the two have typed: whether more is named beside it depends on what the reading had at the time.
    const lostAt = (id: string, each: Case): Wire[] =>
      [each.a, each.b]
        .flatMap(({ fields }) => partsOf(fields))
        .filter((part) => (lost.get(id) ?? []).some((one) => isIn(part, one)));
    for (const [index, each] of cases.entries()) {
      const [x, y] = [one[index]!, other[index]!];
      expect([each, dataOf(x), lostAt(x, each)]).toEqual([each, dataOf(y), lostAt(y, each)]);
      check(each, dataOf(x), lost.get(x) ?? []);
    }
    await expectCorrectable([...one, ...other]);
  });

  /** H5 */
  async function expectCorrectable(ids: readonly string[]): Promise<void> {
    const before = await readings();
    const { c } = phones;
    const noted = await pushAll(
      c,
      ids.map((id) => c.update(target(id, before.get(id)!['version']), { note: 'later' })),
    );
    expect(noted.filter(({ status }) => status !== 'applied')).toEqual([]);
    const after = await readings();
    for (const row of await listAll(ada, READINGS))
      expect(after.get(row['id'])).toMatchObject({
        version: row['version'],
        data: { metric: row['metric'], value: row['value'], tags: row['tags'], note: row['note'] },
      });
  }

  it('H4 refuses what would leave tags that the author has seen, by REST and by sync', async () => {
    await register();
    const { a, b, c } = phones;
    const [tagged, painful] = await begun([
      { first: ['x'], second: undefined },
      { first: null, second: undefined },
    ]);
    await c.push(c.update(target(painful!, 1), pain));
    const refused = [
      ...(await a.push(mutationOf(a, tagged!, { fields: pain, base: 1, minute: 5 }))),
      ...(await b.push(mutationOf(b, painful!, { fields: { tags: ['y'] }, base: 2, minute: 6 }))),
    ];
    expect(refused).toMatchObject(
      refused.map(() => ({ status: 'rejected', error: { code: 'not-allowed', field: 'fields.tags' } })),
    );
    const patched = await ada.patch(`${READINGS}/pain/${painful}`, { tags: ['y'] });
    expect([patched.status, patched.body['errors'][0].field]).toEqual([422, 'tags']);
    // The kind together with the tags is one decision of an author who saw both.
    const whole = mutationOf(a, tagged!, { fields: { ...pain, tags: null }, base: 1, minute: 7 });
    expect(await a.push(whole)).toMatchObject([{ status: 'applied' }]);
    expect((await lostOf()).size).toBe(0);
  });

  it('H3 the tags that were taken away can be chosen again with a kind that has tags', async () => {
    await register();
    const { a, b } = phones;
    const [id] = await begun([{ first: null, second: undefined }]);
    await b.push(mutationOf(b, id!, { fields: { tags: ['y'] }, base: 1, minute: 9 }));
    const [moved] = await a.push(mutationOf(a, id!, { fields: pain, base: 1, minute: 8 }));
    expect(moved).toMatchObject({ status: 'conflict' });
    const [conflict] = await listAll(ada, '/api/sync/conflicts');
    expect(conflict).toMatchObject({
      status: 'open',
      winner: { data: { metric: 'pain', tags: null } },
      loser: { modified_by: 'b', modified_at: at(9), data: { tags: ['y'] } },
    });
    const resolve = (body: Wire) => ada.post(`/api/sync/conflicts/${conflict!['id']}/resolve`, body);
    const alone = await resolve({ choice: 'use_other' });
    expect([alone.status, alone.body['errors'][0]]).toMatchObject([422, { message: 'pain has no tags' }]);
    expect(await resolve({ choice: 'merged', fields: { ...mood, tags: ['y'] } })).toMatchObject({
      status: 200,
      body: { record: { data: { metric: 'mood', tags: ['y'] } } },
    });
  });

  it('H3 tags of a deleted reading are kept when it comes back as another kind', async () => {
    await register();
    const { a, b, c } = phones;
    const [id] = await begun([{ first: ['x'], second: undefined }]);
    await c.push(c.delete(target(id!, 1), { modified_at: at(2) }));
    // Older than the deletion, so the kind changes while nobody sees it.
    await a.push(a.mutation({ kind: 'health_metric', id, op: 'update', fields: pain, modified_at: at(1) }));
    await b.push(b.update(target(id!, 1), { note: 'back' }, { modified_at: at(4) }));
    expect((await readings()).get(id!)!['data']).toMatchObject({ metric: 'pain', tags: null });
    expect((await lostOf()).get(id!)).toContainEqual({ tags: ['x'] });
  });

  it('H1 H3 a source uploads a reading again that the person has moved to another kind', async () => {
    await register();
    const upload = { ...mood, source: 'watch', external_id: 'm-1', tags: ['walk'] };
    const send = async (values: Wire): Promise<Wire> =>
      (await ada.post(`${READINGS}/bulk`, { readings: [{ ...upload, ...values }] })).body['data'][0];
    const { id } = await send({});
    const { a } = phones;
    const ofPerson = { ...pain, source: 'manual', external_id: null };
    await a.push(a.update(target(id, 1), { ...ofPerson, tags: null }));
    // Only the tags are news: the person's kind stays, and the tags of the source are kept beside it.
    expect(await send({ tags: ['run'] })).toMatchObject({
      status: expect.stringMatching(/unchanged|updated/),
    });
    const data = (await readings()).get(id)!['data'] as Wire;
    expect([data['metric'], data['tags']]).toEqual(['pain', null]);
    expect((await lostOf()).get(id)).toContainEqual({ tags: ['run'] });
  });

  it('H1 H5 holds for three authors, by REST and by sync, in random orders', async () => {
    await register();
    const random = seededRandom(chooseSeed());
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
    const count = 60;
    const ids = await begun(
      Array.from({ length: count }, () => ({ first: pick([null, ['x']]), second: undefined })),
    );
    for (let round = 0; round < 4; round++) {
      const rows = new Map((await listAll(ada, READINGS)).map((row) => [row['id'] as string, row]));
      for (const id of ids) {
        const who = pick(['a', 'b', 'rest'] as const);
        const values = pick<Wire>([...KINDS, ...TAGS, { note: `n${round}` }, { tags: [`t${round}`] }]);
        const row = rows.get(id)!;
        if (who === 'rest') {
          const { metric, time_zone: _zone, source: _source, ...rest } = values;
          if (metric !== undefined && metric !== row['metric']) continue;
          await ada.patch(`${READINGS}/${row['metric']}/${id}`, rest);
          continue;
        }
        const base = pick([1, row['version'] as number]);
        const device = phones[who];
        await device.push(mutationOf(device, id, { fields: values, base, minute: pick([5, 6, 7]) }));
      }
    }
    const all = await readings();
    for (const id of ids) expect([id, isStray(all.get(id)!['data'] as Wire)]).toEqual([id, false]);
    await expectCorrectable(ids);
  });
});
