import type { TestingModuleBuilder } from '@nestjs/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SourcesPolicy } from '../../../src/modules/health/sources/sources.policy.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { change } from '../../support/people.js';
import { bulk, listAll, reading, READINGS } from '../../support/readings.js';
import { Device, drainSync, shown, type Wire } from '../../support/sync.js';
import { until } from '../../support/until.js';
import { hasty, imported, IMPORTS, undone } from './support.js';

/*
 * Imports that are taken back, and sources that are deleted and taken back, in every order.
 * U1 What several have written lies in layers: what the person had, and what each import has written. A record has the values of the
 *    newest layer whose import was not taken back; what the person has edited since stays. It is live exactly if there is such a layer,
 *    and no deletion of its source that is in effect was begun after that layer was written.
 * U2 What somebody else has uploaded as well stays, and what the person has added stays.
 * U3 A reading that an import has made live again is deleted again, with the tags it had.
 * U4 While one of them is under way, the other one begins later.
 */
class HastyDeletions extends SourcesPolicy {
  override readonly pollMs: number = 20;
}
const override = (builder: TestingModuleBuilder): TestingModuleBuilder =>
  hasty(builder).overrideProvider(SourcesPolicy).useClass(HastyDeletions);

const REPLACE = '?on_changed=replace&time_zone=UTC';
type ImportName = 'first' | 'second';
/** What happens to all sources at once. */
type Step = `import ${ImportName}` | `undo ${ImportName}`;

/** What happens to one source: before the step with this number, in the order of these members. */
interface Fate {
  readonly source: string;
  readonly isOwn: boolean;
  readonly edited?: number;
  readonly deleted: number;
  readonly takenBack: number;
}

interface Layer {
  readonly by: ImportName | 'person';
  readonly value: number;
  isCovered: boolean;
}

/** U1 as it is written, for one source with one record. */
class Model {
  layers: Layer[] = [];

  get value(): number | undefined {
    const top = this.layers.at(-1);
    return top?.isCovered ? undefined : top?.value;
  }
  write(by: Layer['by'], value: number): void {
    // What the person types over the record is theirs: nothing that lies under it comes back.
    if (by === 'person') this.layers = [];
    this.layers.push({ by, value, isCovered: false });
  }
  undo(by: Layer['by']): void {
    this.layers = this.layers.filter((layer) => layer.by !== by);
  }
  cover(isCovered: boolean): void {
    for (const layer of this.layers) layer.isCovered = isCovered;
  }
}

describe.runIf(hasDatabase())('imports and deletions of sources', () => {
  let app: TestApp;
  let ada: Api;
  beforeAll(async () => {
    app = await TestApp.start({ override });
  });
  afterAll(() => app.stop());

  const record = (source: string, value: number): object => ({
    recordType: 'RestingHeartRateRecord',
    time: '2026-01-06T06:30:00Z',
    zoneOffset: '+00:00',
    beatsPerMinute: value,
    metadata: { id: 'rest-1', dataOrigin: source },
  });
  const file = (sources: readonly string[], value: number, query = REPLACE) => ({
    name: 'file.json',
    content: JSON.stringify(sources.map((source) => record(source, value))),
    query,
  });
  const own = (source: string, value: number): Wire =>
    reading('resting_heart_rate', {
      measured_at: '2026-01-06T06:30:00.000Z',
      time_zone: 'UTC',
      value,
      source,
      external_id: 'rest-1',
    });
  const live = (): Promise<Wire[]> => listAll(ada, READINGS);
  const patch = async ({ metric, id }: Wire, fields: Wire): Promise<void> =>
    expect((await ada.patch(`${READINGS}/${metric}/${id}`, fields)).status).toBe(200) as never;

  async function settled(id: string): Promise<Wire> {
    let body: Wire = {};
    await until(async () => {
      ({ body } = await ada.get(`/api/sources/deletions/${id}`));
      return body['finished_at'] !== null;
    });
    return body;
  }
  /** @returns the id; null when the source has nothing. */
  async function deleteSource(source: string): Promise<string | null> {
    const { body } = await ada.delete(`/api/sources/${source}`);
    if (body['id'] !== null) await settled(body['id']);
    return body['id'] as string | null;
  }
  async function takeBack(id: string): Promise<void> {
    expect((await ada.post(`/api/sources/deletions/${id}/undo`)).status).toBe(202);
    await settled(id);
  }

  /** Every place of a deletion and of its undoing, with and without what the person had before, or edits in between. */
  function fatesOf(places: number, hasEdits: boolean): Fate[] {
    const fates: Fate[] = [];
    const each = Array.from({ length: places }, (_, place) => place);
    for (const deleted of each)
      for (const takenBack of each.filter((place) => place >= deleted))
        for (const more of [
          { isOwn: false },
          { isOwn: true },
          ...(hasEdits ? [2].map((edited) => ({ isOwn: false, edited })) : []),
        ])
          fates.push({ source: `s${fates.length}`, deleted, takenBack, ...more });
    return fates;
  }

  it.each<[string, Step[]]>([
    ['the first one first', ['import first', 'import second', 'undo first', 'undo second']],
    ['the second one first', ['import first', 'import second', 'undo second', 'undo first']],
    [
      'the first one before the second is imported',
      ['import first', 'undo first', 'import second', 'undo second'],
    ],
  ])('U1 holds in every order, with %s', async (_, steps) => {
    ada = await app.api.register();
    const fates = fatesOf(steps.length + 1, steps[1] === 'import second' && steps[2] === 'undo first');
    const sources = fates.map(({ source }) => source);
    const models = new Map(sources.map((source) => [source, new Model()]));
    const [ids, deletions] = [new Map<ImportName, string>(), new Map<string, string | null>()];
    const readings = fates.filter(({ isOwn }) => isOwn).map(({ source }) => own(source, 50));
    await bulk(ada, readings);
    for (const { source } of readings) models.get(source)!.write('person', 50);

    for (const [place, step] of [...steps, undefined].entries()) {
      const now = new Map((await live()).map((one) => [one['source'] as string, one]));
      for (const { source, edited, deleted, takenBack } of fates) {
        const model = models.get(source)!;
        if (edited === place && now.has(source)) {
          await patch(now.get(source)!, { value: 90 + place, unit: '/min' });
          model.write('person', 90 + place);
        }
        if (deleted === place) {
          deletions.set(source, await deleteSource(source));
          if (model.value !== undefined) model.cover(true);
        }
        if (takenBack === place && deletions.get(source)) {
          await takeBack(deletions.get(source)!);
          model.cover(false);
        }
      }
      const [what, name] = (step?.split(' ') ?? []) as ['import' | 'undo', ImportName];
      const value = name === 'first' ? 60 : 61;
      if (what === 'import') {
        ids.set(name, (await imported(ada, file(sources, value)))['id'] as string);
        for (const model of models.values()) model.write(name, value);
      } else if (what === 'undo') {
        await undone(ada, ids.get(name)!);
        for (const model of models.values()) model.undo(name);
      }
      const values = new Map((await live()).map((one) => [one['source'] as string, one['value']]));
      for (const fate of fates)
        expect([fate, place, step, values.get(fate.source)]).toEqual([
          fate,
          place,
          step,
          models.get(fate.source)!.value,
        ]);
    }
    // A phone has the same.
    const seen = [...shown((await drainSync(ada)).changes).values()].filter(
      ({ kind }) => kind === 'health_metric',
    );
    expect(seen.map(({ data }) => data['source']).toSorted()).toEqual(
      (await live()).map(({ source }) => source).toSorted(),
    );
  });

  it('U2 what a phone has uploaded as well stays, also when its source was deleted and came back', async () => {
    ada = await app.api.register();
    const done = await imported(ada, file(['watch'], 60));
    expect(await bulk(ada, [own('watch', 60)])).toMatchObject([{ status: 'unchanged' }]);
    const deletion = await deleteSource('watch');
    expect(await undone(ada, done['id'] as string)).toMatchObject({ records_taken_back: 0, records_left: 1 });
    await takeBack(deletion!);
    expect(await live()).toMatchObject([{ value: 60 }]);
    const again = await imported(ada, file(['ring'], 60));
    await bulk(ada, [own('ring', 60)]);
    await takeBack((await deleteSource('ring'))!);
    expect(await undone(ada, again['id'] as string)).toMatchObject({
      records_taken_back: 0,
      records_left: 1,
    });
    expect(await live()).toHaveLength(2);
  });

  it('U2 a record that a person moved to no source comes back at once', async () => {
    ada = await app.api.register();
    await imported(ada, file(['watch'], 60));
    const [{ id } = {}] = await live();
    const phone = await new Device(ada).ready();
    const { external_id: _, ...moved } = own('manual', 55);
    const update = phone.update({ kind: 'health_metric', id, version: 1 }, { ...moved, external_id: null });
    expect(await phone.push(update)).toMatchObject([{ status: 'applied' }]);
    const replaced = await imported(ada, file(['watch'], 61));
    expect(replaced).toMatchObject({ records_updated: 1 });
    const deletion = await deleteSource('watch');
    expect(await live()).toEqual([]);
    await undone(ada, replaced['id'] as string);
    expect(await live()).toMatchObject([{ value: 55, source: 'manual' }]);
    await takeBack(deletion!);
    expect(await live()).toMatchObject([{ value: 55, source: 'manual' }]);
  });

  describe('U3 a mood of a table', () => {
    const table = (value: number, query = REPLACE) => ({
      content: `Date,Mood\n2026-01-13,${value}\n`,
      mapping: { values: [{ column: 'Mood', metric: 'mood', unit: 'score' }] },
      query,
    });
    const tagged = async (): Promise<Wire> => {
      ada = await app.api.register();
      await imported(ada, table(3));
      await patch((await live())[0]!, { tags: ['mine'] });
      return (await live())[0]!;
    };

    it('that the person has deleted, and an import has made live again, is deleted again', async () => {
      const { id } = await tagged();
      expect((await ada.delete(`${READINGS}/mood/${id}`)).status).toBe(204);
      const replaced = await imported(ada, table(4));
      expect(await live()).toMatchObject([{ value: 4, tags: ['mine'] }]);
      expect(await undone(ada, replaced['id'] as string)).toMatchObject({
        records_taken_back: 1,
        records_left: 0,
      });
      expect(await live()).toEqual([]);
    });

    it('stays when the person has tagged it since', async () => {
      const { id } = await tagged();
      await ada.delete(`${READINGS}/mood/${id}`);
      const replaced = await imported(ada, table(4));
      const phone = await new Device(ada).ready();
      const tag = phone.update(
        { kind: 'health_metric', id, version: 4 },
        { tags: ['later'] },
        { modified_at: '2026-01-01T00:00:00Z' },
      );
      expect(await phone.push(tag)).toMatchObject([{ status: expect.stringMatching(/applied|conflict/) }]);
      await undone(ada, replaced['id'] as string);
      expect(await live()).toMatchObject([{ value: 4, tags: ['later'] }]);
    });

    it('that the person has made a reading of pain gets its value and loses no tags', async () => {
      const { id } = await tagged();
      const phone = await new Device(ada).ready();
      const { tags: _, ...pain } = reading('pain', { value: 2, time_zone: 'UTC', tags: null });
      await phone.push(phone.update({ kind: 'health_metric', id, version: 2 }, { ...pain, tags: null }));
      const replaced = await imported(ada, table(4));
      expect(replaced).toMatchObject({ status: 'completed', records_updated: 1 });
      await undone(ada, replaced['id'] as string);
      expect(await live()).toMatchObject([{ metric: 'pain', value: 2, tags: null }]);
    });
  });

  it('U3 a reading of a kind without tags, which the person has moved and tagged, is replaced and comes back', async () => {
    ada = await app.api.register();
    await imported(ada, file(['watch'], 60));
    const [{ id } = {}] = await live();
    const phone = await new Device(ada).ready();
    const mood = reading('mood', { value: 4, tags: ['mine'] });
    expect(await phone.push(phone.update({ kind: 'health_metric', id, version: 1 }, mood))).toMatchObject([
      { status: 'applied' },
    ]);
    const replaced = await imported(ada, file(['watch'], 61));
    expect(await live()).toMatchObject([{ metric: 'resting_heart_rate', value: 61, tags: null }]);
    expect(await undone(ada, replaced['id'] as string)).toMatchObject({ records_taken_back: 1 });
    expect(await live()).toMatchObject([{ metric: 'mood', value: 4, tags: ['mine'] }]);
  });

  it('U4 is answered with 503 while the other one is under way', async () => {
    ada = await app.api.register();
    const done = await imported(ada, file(['watch', 'ring'], 60));
    const deletion = await deleteSource('ring');
    const busy = async (path: string, isDeletion = false): Promise<void> => {
      const answer = isDeletion ? await ada.delete(path) : await ada.post(path);
      expect([path, answer.status, answer.headers.get('retry-after')]).toEqual([path, 503, '5']);
    };
    const mark = (table: string, status: string, id: string) =>
      change(app, `UPDATE ${table} SET status = ?, claimed_until = ? WHERE user_id = ? AND id = ?`, [
        status,
        '2199-01-01 00:00:00.000',
        ada.userId,
        id,
      ]);
    await mark('source_deletions', 'deleting', deletion!);
    await busy(`${IMPORTS}/${done['id']}/undo`);
    await mark('source_deletions', 'deleted', deletion!);
    await mark('imports', 'undoing', done['id'] as string);
    await busy('/api/sources/watch', true);
    await busy(`/api/sources/deletions/${deletion}/undo`);
    await mark('imports', 'completed', done['id'] as string);
    await takeBack(deletion!);
    await undone(ada, done['id'] as string);
    expect(await live()).toEqual([]);
  });
});
