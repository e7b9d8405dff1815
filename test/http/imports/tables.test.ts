import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { ended, imported, IMPORTS, keeping, listOf, stateOf, undone, upload, weightsOf } from './support.js';

/*
 * What a row of a table without an id column is.
 * R1 The same file again changes nothing, and one with corrected values updates.
 * R2 Tables of different sources never touch each other's rows, whatever instants they share.
 * R3 A table of the same source replaces what it says otherwise of the same instant.
 * R4 A wrong source is refused, and names the field.
 */
const DAYS = ['2026-01-13', '2026-01-14', '2026-01-15'];
const table = (...pulses: number[]): string =>
  `Date,Weight (kg),Heart rate (bpm)\n${DAYS.map((day, at) => `${day},${80 + pulses[at]! / 10},${pulses[at]}`).join('\n')}\n`;

describe.runIf(hasDatabase())('rows of tables without ids', () => {
  let app: TestApp;
  let ada: Api;
  beforeAll(async () => {
    app = await TestApp.start({ override: keeping });
  });
  afterAll(() => app.stop());
  beforeEach(async () => {
    ada = await app.api.register();
  });
  const of = (source: string | undefined, ...pulses: number[]) =>
    imported(ada, {
      content: table(...pulses),
      query: '?time_zone=UTC',
      ...(source && { mapping: { source } }),
    });
  const pulses = async (): Promise<unknown[]> =>
    (await listOf(ada, 'heart_rate')).map(({ source, value }) => `${source} ${value}`).toSorted();

  it('R1 R3 of one source are known by what they measure and when', async () => {
    expect(await of(undefined, 60, 61, 62)).toMatchObject({ records_created: 6 });
    const state = await stateOf(ada);
    expect(await of(undefined, 60, 61, 62)).toMatchObject({ records_unchanged: 6, records_updated: 0 });
    // The default has a name.
    expect(await of('csv', 60, 61, 62)).toMatchObject({ records_unchanged: 6, records_created: 0 });
    expect(await stateOf(ada)).toEqual(state);
    expect(await of(undefined, 60, 71, 62)).toMatchObject({ records_unchanged: 4, records_updated: 2 });
    expect(await pulses()).toEqual(['csv 60', 'csv 62', 'csv 71']);
  });

  it('R2 of other sources stay beside them, also when one is corrected or taken back', async () => {
    await of(undefined, 60, 61, 62);
    const second = await of('old-app', 90, 91, 92);
    expect(second).toMatchObject({ records_created: 6, records_updated: 0, mapping: { source: 'old-app' } });
    expect(await of('old-app', 90, 91, 92)).toMatchObject({ records_unchanged: 6 });
    const all = ['csv 60', 'csv 61', 'csv 62', 'old-app 90', 'old-app 91', 'old-app 92'];
    expect(await pulses()).toEqual(all);
    expect(await weightsOf(ada)).toHaveLength(6);
    await of('old-app', 90, 95, 92);
    expect(await pulses()).toEqual(all.map((one) => one.replace('91', '95')).toSorted());
    const third = await of('gym', 60, 61, 62);
    expect(third).toMatchObject({ records_created: 6 });
    await undone(ada, third['id'] as string);
    expect(await pulses()).toHaveLength(6);
    expect(await weightsOf(ada)).toHaveLength(6);
  });

  it('R2 the source of a preview can be set when it is started', async () => {
    await of(undefined, 60, 61, 62);
    const dry = await imported(ada, { content: table(90, 91, 92), query: '?dry_run=true&time_zone=UTC' });
    expect(dry).toMatchObject({ records_updated: 6, records_created: 0 });
    const path = `${IMPORTS}/${dry['id']}/start`;
    expect((await ada.post(path, { mapping: { source: 'old-app' } })).status).toBe(202);
    expect(await ended(ada, dry['id'] as string)).toMatchObject({ records_created: 6, records_updated: 0 });
  });

  it('R4 refuses a wrong source, and one for a file that is no table', async () => {
    const content = table(60, 61, 62);
    for (const source of ['manual', 'Manual', '', 'old app', ' csv', 'x'.repeat(65), 5, { a: 1 }]) {
      const { status, body } = await upload(ada, { content, mapping: { source } });
      expect([source, status, body['errors']?.[0]?.field]).toEqual([source, 422, 'mapping.source']);
    }
    const json = JSON.stringify([{ recordType: 'WeightRecord' }]);
    const { status, body } = await upload(ada, { content: json, name: 'a.json', mapping: { source: 'x' } });
    expect([status, body['errors']?.[0]?.field]).toEqual([422, 'mapping']);
    expect(await weightsOf(ada)).toEqual([]);
  });
});
