import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Answer, Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { change } from '../../support/people.js';
import { canonical } from '../../../src/kernel/canonical.js';
import { digest } from '../../../src/platform/random-token.js';
import { RecordCatalog } from '../../../src/records/define/record-catalog.js';
import { Device } from '../../support/sync.js';
import { readingId } from '../../../src/modules/health/health-metrics/reading-id.js';
import { ended, IMPORTS, hasty, imported, listOf, undone, weightsOf } from './support.js';

const HEADER = 'Id,Date,WeightKg,WeightPounds,Fat,BMI,IsManualReport,LogId';
const row = (date: string, kg: string): string => `77,${date},${kg},189.1,,,FALSE,1.46044E+12`;
const table = (...rows: string[]): string => `${[HEADER, ...rows].join('\r\n')}\r\n`;
const few = table(
  row('4/12/16 6:47', '85.8'),
  row('4/13/16 23:59', '62.5'),
  row('5/2/2016 11:59:59 PM', '63'),
);

describe.runIf(hasDatabase())('what undo leaves', () => {
  let app: TestApp;
  let ada: Api;
  beforeAll(async () => {
    app = await TestApp.start({ override: hasty });
  });
  afterAll(() => app.stop());
  const register = async (): Promise<Api> => (ada = await app.api.register());

  it('undo leaves what was there before', async () => {
    await register();
    const own = { weight_value: 80, unit: 'kg', timestamp: '2016-04-12T06:47:00.000Z' };
    await ada.post('/api/health-metrics/weight', own);
    const done = await imported(ada, { content: few });
    expect(await weightsOf(ada)).toHaveLength(4);
    const back = await undone(ada, done['id'] as string);
    expect(back).toMatchObject({ status: 'undone', records_taken_back: 3, records_left: 0 });
    expect(await weightsOf(ada)).toMatchObject([own]);
    // A second undo does nothing more, and the file can be imported again.
    expect((await ada.post(`${IMPORTS}/${done['id']}/undo`)).body).toMatchObject({ status: 'undone' });
    expect(await imported(ada, { content: few })).toMatchObject({ records_created: 0, records_updated: 3 });
    expect(await weightsOf(ada)).toHaveLength(4);
  });

  it.each([
    ['now', undefined],
    ['while it was offline, before the import', '2026-01-06T21:00:00.000Z'],
  ])('leaves what a phone has uploaded as well: %s', async (_, modifiedAt) => {
    await register();
    const record = {
      recordType: 'StepsRecord',
      startTime: '2026-01-06T19:00:00Z',
      endTime: '2026-01-06T20:00:00Z',
      count: 900,
      metadata: { id: 's-1', dataOrigin: 'com.example.watch' },
    };
    const other = { ...record, startTime: '2026-01-06T17:00:00Z', endTime: '2026-01-06T18:00:00Z' };
    const content = JSON.stringify([record, { ...other, metadata: { ...other.metadata, id: 's-2' } }]);
    const done = await imported(ada, { content, name: 'a.json', query: '?time_zone=UTC' });
    expect(done).toMatchObject({ records_created: 2 });
    const fields = {
      metric: 'steps',
      value: 900,
      unit: 'steps',
      measured_at: '2026-01-06T19:00:00.000Z',
      ended_at: '2026-01-06T20:00:00.000Z',
      time_zone: 'UTC',
      source: 'com.example.watch',
      external_id: 's-1',
    };
    if (modifiedAt === undefined) {
      const { body } = await ada.post('/api/health-metrics/bulk', { readings: [fields] });
      expect(body['data']).toMatchObject([{ status: 'unchanged' }]);
    } else {
      const phone = await new Device(ada).ready();
      const id = readingId('steps', 'com.example.watch', 's-1');
      const [result] = await phone.push(
        phone.create('health_metric', fields, { id, modified_at: modifiedAt }),
      );
      expect(result).toMatchObject({ status: 'duplicate' });
    }
    expect(await undone(ada, done['id'] as string)).toMatchObject({ records_taken_back: 1, records_left: 1 });
    expect((await ada.get('/api/health-metrics/steps')).body['data']).toMatchObject([{ external_id: 's-1' }]);
  });

  it('keeps what the person has changed or deleted, unless it shall be replaced', async () => {
    await register();
    const first = await imported(ada, { content: few });
    const [last, middle] = await weightsOf(ada);
    await ada.put(`/api/health-metrics/weight/${last!['id']}`, { weight_value: 60, unit: 'kg' });
    await ada.delete(`/api/health-metrics/weight/${middle!['id']}`);
    const kept = await imported(ada, { content: few });
    expect(kept).toMatchObject({ records_kept: 2, records_unchanged: 1, records_updated: 0 });
    expect((await weightsOf(ada)).map(({ weight_value }) => weight_value)).toEqual([60, 85.8]);
    const replaced = await imported(ada, { content: few, query: '?on_changed=replace' });
    expect(replaced).toMatchObject({ records_kept: 0, records_updated: 2 });
    expect((await weightsOf(ada)).map(({ weight_value }) => weight_value)).toEqual([63, 62.5, 85.8]);
    await undone(ada, replaced['id'] as string);
    expect((await weightsOf(ada)).map(({ weight_value }) => weight_value)).toEqual([60, 85.8]);
    // The changed one is the person's by now.
    expect(await undone(ada, first['id'] as string)).toMatchObject({
      records_taken_back: 1,
      records_left: 2,
    });
    expect((await weightsOf(ada)).map(({ weight_value }) => weight_value)).toEqual([60]);
  });

  it("what undo restores is the person's own again", async () => {
    await register();
    await imported(ada, { content: few });
    const [last, middle] = await weightsOf(ada);
    await ada.put(`/api/health-metrics/weight/${last!['id']}`, { weight_value: 60, unit: 'kg' });
    await ada.delete(`/api/health-metrics/weight/${middle!['id']}`);
    const replaced = await imported(ada, { content: few, query: '?on_changed=replace' });
    await undone(ada, replaced['id'] as string);
    expect(await imported(ada, { content: few })).toMatchObject({ records_kept: 2, records_unchanged: 1 });
    expect((await weightsOf(ada)).map(({ weight_value }) => weight_value)).toEqual([60, 85.8]);
  });

  it('says until when an import can be taken back, and null when it cannot', async () => {
    await register();
    const preview = await imported(ada, { content: few, query: '?dry_run=true' });
    const done = await imported(ada, { content: few });
    const until = new Date(Date.parse(done['finished_at'] as string) + 30 * 86_400_000).toISOString();
    expect([preview['undo_until'], done['undo_until']]).toEqual([null, until]);
    const shown = async (): Promise<unknown[]> =>
      ((await ada.get(IMPORTS)).body['data'] as { undo_until: unknown }[]).map((one) => one.undo_until);
    expect(await shown()).toEqual([until, null]);
    const failed = await imported(ada, {
      content: '{"records":[',
      name: 'a.json',
      query: '?format=health_connect',
    });
    expect(failed).toMatchObject({ status: 'failed', undo_until: expect.any(String) });
    const back = await ada.post(`${IMPORTS}/${done['id']}/undo`);
    expect([back.status, back.body['undo_until']]).toEqual([202, null]);
    expect(await ended(ada, done['id'] as string)).toMatchObject({ status: 'undone', undo_until: null });
    // An old one that is not removed yet: what the answer says is what undo does.
    await change(app, 'UPDATE imports SET finished_at = ? WHERE user_id = ? AND id = ?', [
      '2026-01-01 00:00:00.000',
      ada.userId,
      failed['id'] as string,
    ]);
    const old = await ada.get(`${IMPORTS}/${failed['id']}`);
    const late = await ada.post(`${IMPORTS}/${failed['id']}/undo`);
    expect([old.body['undo_until'] ?? null, late.status]).toEqual([null, 404]);
  });

  describe('restores the others when the earlier values of one record', () => {
    const steps = (count: number, at: number): object => ({
      recordType: 'StepsRecord',
      startTime: `2026-01-06T1${at}:00:00Z`,
      endTime: `2026-01-06T1${at}:30:00Z`,
      count,
      metadata: { id: `s-${at}`, dataOrigin: 'com.example.watch' },
    });
    const file = (count: number): string => JSON.stringify([0, 1, 2].map((at) => steps(count, at)));
    const sent = (count: number, query: string) => ({ content: file(count), name: 'a.json', query });
    const all = async (): Promise<Answer['body'][]> =>
      ((await ada.get('/api/health-metrics')).body['data'] as Answer['body'][]).toSorted((a, b) =>
        a['measured_at'] < b['measured_at'] ? -1 : 1,
      );

    /** Three records that the person made their own, and an import that has overwritten them. */
    async function overwritten(edit: (middle: Answer['body']) => Promise<void>): Promise<string> {
      await register();
      await imported(ada, sent(100, '?time_zone=UTC'));
      const rows = await all();
      for (const { metric, id } of rows)
        await ada.patch(`/api/health-metrics/${metric}/${id}`, { note: 'mine' });
      await edit(rows[1]!);
      const done = await imported(ada, sent(200, '?time_zone=UTC&on_changed=replace'));
      expect(done).toMatchObject({ records_updated: 3 });
      return done['id'] as string;
    }
    /** The person's own kind, of which the middle record is one. */
    async function ofOwnKind(middle: Answer['body']): Promise<string> {
      const own = (await ada.post('/api/custom-metrics', { name: 'Laps', unit: 'laps', roll_up: 'sum' }))
        .body;
      const phone = await new Device(ada).ready();
      const [result] = await phone.push(
        phone.update(
          { kind: 'health_metric', id: middle['id'], version: (await all())[1]!['version'] },
          {
            metric: `custom:${own['id']}`,
            value: 7,
            unit: 'laps',
            measured_at: middle['measured_at'],
            time_zone: 'UTC',
            source: 'manual',
          },
        ),
      );
      expect(result).toMatchObject({ status: 'applied' });
      return own['id'] as string;
    }
    const expectRestored = async (id: string, taken: number, values: unknown[]): Promise<void> => {
      expect(await undone(ada, id)).toMatchObject({
        status: 'undone',
        records_taken_back: taken,
        records_left: 3 - taken,
      });
      expect((await all()).map(({ value, note }) => [value, note])).toEqual(values);
    };

    it('are outside the range by now', async () => {
      const id = await overwritten(async () => undefined);
      // As if the range had been wider when it was imported.
      const [step] = await app.db.rows<{ changes: string }>(
        'SELECT changes FROM import_steps WHERE user_id = ? AND import_id = ?',
        [ada.userId, id],
      );
      const changes = JSON.parse(step!.changes) as [string, string, string, { value: number }][];
      changes[1]![3].value = 900_000;
      await change(app, 'UPDATE import_steps SET changes = ? WHERE user_id = ? AND import_id = ?', [
        JSON.stringify(changes),
        ada.userId,
        id,
      ]);
      await expectRestored(id, 2, [
        [100, 'mine'],
        [200, null],
        [100, 'mine'],
      ]);
    });

    it('are of a kind of the person that was deleted', async () => {
      let own = '';
      const id = await overwritten(async (middle) => void (own = await ofOwnKind(middle)));
      expect((await ada.delete(`/api/custom-metrics/${own}`)).status).toBe(204);
      await expectRestored(id, 2, [
        [100, 'mine'],
        [200, null],
        [100, 'mine'],
      ]);
    });

    it('are of a kind of the person, and restores that one, too, while the kind exists', async () => {
      const id = await overwritten(async (middle) => void (await ofOwnKind(middle)));
      await expectRestored(id, 3, [
        [100, 'mine'],
        [7, 'mine'],
        [100, 'mine'],
      ]);
    });
  });

  describe('of an import that is older than some fields', () => {
    const steps = 'SELECT changes FROM import_steps WHERE user_id = ? AND import_id = ?';
    /** Gives the stored steps of an import the hashes that they had then. */
    async function aged(id: string, contentsOf: (recordId: string) => Promise<object>): Promise<void> {
      const [step] = await app.db.rows<{ changes: string }>(steps, [ada.userId, id]);
      const changes = JSON.parse(step!.changes) as unknown[][];
      for (const one of changes) one[2] = digest(canonical(await contentsOf(String(one[1])))).slice(0, 22);
      await change(app, 'UPDATE import_steps SET changes = ? WHERE user_id = ? AND import_id = ?', [
        JSON.stringify(changes),
        ada.userId,
        id,
      ]);
    }
    const catalog = () => app.app.get(RecordCatalog);
    async function contents(kind: string, recordId: string, groups: readonly string[]): Promise<object> {
      const [record] = await catalog().get(kind).select(app.db, ada.userId, 'id = ?', [recordId]);
      const all = catalog().get(kind).contents(catalog().get(kind).entered(record!));
      return Object.fromEntries(Object.entries(all).filter(([name]) => groups.includes(name)));
    }
    const weightsAged = async (id: string): Promise<void> => {
      await change(
        app,
        "UPDATE weight_entries SET clocks = '{}', source = 'manual', external_id = NULL, device = NULL, uploaded = NULL WHERE user_id = ?",
        [ada.userId],
      );
      await aged(id, (one) => contents('weight', one, ['weight_value']));
    };
    const OLD = ['metric', 'device', 'modality', 'note'];
    /** Moods of a file, as they were stored before readings had tags, or by a version that wrote none for each. */
    async function moods(isOlder: boolean): Promise<string> {
      const content = 'Date,Mood\n2026-01-13,3\n2026-01-14,4\n';
      const values = [{ column: 'Mood', metric: 'mood', unit: 'score' }];
      const done = await imported(ada, { content, mapping: { values } });
      expect(done).toMatchObject({ records_created: 2 });
      const id = done['id'] as string;
      if (isOlder) await aged(id, (one) => contents('health_metric', one, OLD));
      else {
        await aged(id, (one) => contents('health_metric', one, [...OLD, 'tags']));
        for (const row of await app.db.rows<{ id: string; clocks: string }>(
          'SELECT id, clocks FROM health_metrics WHERE user_id = ?',
          [ada.userId],
        )) {
          const clocks = JSON.parse(row.clocks) as Record<string, unknown>;
          expect(Object.keys(clocks).toSorted()).toEqual(OLD.toSorted());
          clocks['tags'] = clocks['note'];
          await change(app, 'UPDATE health_metrics SET clocks = ? WHERE user_id = ? AND id = ?', [
            JSON.stringify(clocks),
            ada.userId,
            row.id,
          ]);
        }
      }
      return id;
    }
    const whole = { status: 'undone', records_left: 0 };
    beforeEach(register);

    it('takes back weights that had no source yet, also after a later import of the file', async () => {
      const first = (await imported(ada, { content: few }))['id'] as string;
      await weightsAged(first);
      const second = await imported(ada, { content: few });
      expect(second).toMatchObject({ records_updated: 3 });
      expect(await undone(ada, second['id'] as string)).toMatchObject({ ...whole, records_taken_back: 3 });
      expect(await weightsOf(ada)).toHaveLength(3);
      expect(await undone(ada, first)).toMatchObject({ ...whole, records_taken_back: 3 });
      expect(await weightsOf(ada)).toEqual([]);
    });

    it('takes back weights that nobody has touched since', async () => {
      const first = (await imported(ada, { content: few }))['id'] as string;
      await weightsAged(first);
      expect(await undone(ada, first)).toMatchObject({ ...whole, records_taken_back: 3 });
      expect(await weightsOf(ada)).toEqual([]);
    });

    it.each([true, false])('takes back readings without tags: stored before tags %s', async (isOlder) => {
      const id = await moods(isOlder);
      expect(await undone(ada, id)).toMatchObject({ ...whole, records_taken_back: 2 });
      expect(await listOf(ada, 'mood')).toEqual([]);
    });

    it.each([true, false])(
      'finds them unchanged in the same file: stored before tags %s',
      async (isOlder) => {
        await moods(isOlder);
        const content = 'Date,Mood\n2026-01-13,3\n2026-01-14,4\n';
        const values = [{ column: 'Mood', metric: 'mood', unit: 'score' }];
        expect(await imported(ada, { content, mapping: { values } })).toMatchObject({
          records_unchanged: 2,
          records_updated: 0,
        });
      },
    );

    it('leaves a reading that a phone has tagged, whenever the phone did it', async () => {
      const id = await moods(true);
      const [one, two] = await listOf(ada, 'mood');
      const phone = await new Device(ada).ready();
      const tag = (target: Answer['body'], modified_at: string) =>
        phone.update(
          { kind: 'health_metric', id: target['id'], version: 1 },
          { tags: ['mine'] },
          { modified_at },
        );
      const results = await phone.push(
        tag(one!, '2026-01-01T00:00:00.000Z'),
        tag(two!, new Date().toISOString()),
      );
      expect(results.map(({ status }) => status)).toEqual(['applied', 'applied']);
      expect(await undone(ada, id)).toMatchObject({ records_taken_back: 0, records_left: 2 });
      expect((await listOf(ada, 'mood')).map(({ tags }) => tags)).toEqual([['mine'], ['mine']]);
    });

    it('restores the value of a reading that the person has tagged, and leaves the tags', async () => {
      await moods(true);
      const [last] = await listOf(ada, 'mood');
      const own = { value: 2, unit: 'score', tags: ['mine'] };
      const patched = await ada.patch(`/api/health-metrics/mood/${last!['id']}`, own);
      expect([patched.status, patched.body]).toMatchObject([200, own]);
      const content = 'Date,Mood\n2026-01-14,5\n';
      const values = [{ column: 'Mood', metric: 'mood', unit: 'score' }];
      const query = '?on_changed=replace';
      const done = await imported(ada, { content, mapping: { values }, query });
      expect(done).toMatchObject({ records_updated: 1 });
      expect((await listOf(ada, 'mood'))[0]).toMatchObject({ value: 5, tags: ['mine'] });
      expect(await undone(ada, done['id'] as string)).toMatchObject({ ...whole, records_taken_back: 1 });
      expect((await listOf(ada, 'mood'))[0]).toMatchObject({ value: 2, tags: ['mine'] });
    });
  });

  describe('of two imports of the same record, in any order', () => {
    const of = (kg: string): string => table(row('4/12/16 6:47', kg));
    const values = async (): Promise<unknown[]> =>
      (await weightsOf(ada)).map(({ weight_value }) => weight_value);
    const replacing = '?on_changed=replace';
    const first = async (): Promise<string> => (await imported(ada, { content: of('81') }))['id'] as string;
    const second = async (kg = '82'): Promise<string> =>
      (await imported(ada, { content: of(kg), query: replacing }))['id'] as string;
    const edit = async (kg: number): Promise<void> => {
      const [{ id } = {} as never] = await weightsOf(ada);
      await ada.put(`/api/health-metrics/weight/${id as string}`, { weight_value: kg, unit: 'kg' });
    };
    beforeEach(register);

    it.each([
      ['the first one first', [0, 1]],
      ['the second one first', [1, 0]],
    ])('%s: nothing was there before', async (_, order) => {
      const ids = [await first(), await second()];
      expect(await values()).toEqual([82]);
      for (const place of order) await undone(ada, ids[place]!);
      expect(await values()).toEqual([]);
      // What undo deleted is not the person's deletion.
      expect(await imported(ada, { content: of('81') })).toMatchObject({ records_kept: 0 });
    });

    it.each([
      [[0, 1, 2], []],
      [[0, 2, 1], []],
      [[1, 0, 2], []],
      [[1, 2, 0], []],
      [[2, 0, 1], []],
      [[2, 1, 0], []],
    ])('three imports in the order %s', async (order, left) => {
      const ids = [await first(), await second('82'), await second('81')];
      for (const place of order) await undone(ada, ids[place]!);
      expect(await values()).toEqual(left);
    });

    it.each([
      ['the first one first', [0, 1]],
      ['the second one first', [1, 0]],
    ])("%s: what was there before both is the person's own", async (_, order) => {
      const before = await first();
      await edit(70);
      const ids = [await second('81.5'), await second('82')];
      for (const place of order) await undone(ada, ids[place]!);
      expect(await values()).toEqual([70]);
      expect(await imported(ada, { content: of('81') })).toMatchObject({ records_kept: 1 });
      await undone(ada, before);
      expect(await values()).toEqual([70]);
    });

    it.each([
      ['another value', '82', [0, 1]],
      ['another value', '82', [1, 0]],
      ['the same value', '81', [0, 1]],
      ['the same value', '81', [1, 0]],
    ])("with a person's edit between, and %s of %s, in the order %s", async (_, kg, order) => {
      const one = await first();
      await edit(75);
      const ids = [one, await second(kg)];
      for (const place of order) await undone(ada, ids[place]!);
      expect(await values()).toEqual([75]);
    });

    it('only the first one: what the second one wrote stays', async () => {
      const one = await first();
      await second();
      expect(await undone(ada, one)).toMatchObject({ records_taken_back: 0, records_left: 1 });
      expect(await values()).toEqual([82]);
    });
  });
});
