import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '../../support/api.js';
import {
  FoodsImportService,
  type SkippedRow,
} from '../../../src/modules/nutrition/foods/import/foods-import.service.js';
import { ciqualTable } from '../../../src/modules/nutrition/foods/import/ciqual-table.js';
import { numberIn } from '../../../src/modules/nutrition/foods/import/food-table.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { realData } from '../../support/real-data.js';
import { FOODS, type Json } from './support.js';

/** The whole table, where it is at hand. */
const CIQUAL = realData('foods/ciqual-2020.csv');

describe.runIf(hasDatabase())('the import of foods', () => {
  let app: TestApp;
  let ada: Api;
  let folder: string;
  beforeAll(async () => {
    app = await TestApp.start();
    ada = await app.api.register();
    folder = mkdtempSync(join(tmpdir(), 'hale-foods-'));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await app.stop();
  });

  async function load(text: string) {
    const file = join(folder, 'table.csv');
    writeFileSync(file, text);
    return loadFile(file);
  }
  async function loadFile(file: string) {
    const skipped: SkippedRow[] = [];
    const counts = await app.app.get(FoodsImportService).import(file, (row) => void skipped.push(row));
    return { ...counts, rows: skipped };
  }
  const found = async (q: string): Promise<Json[]> =>
    (await ada.get(`${FOODS}/search?q=${encodeURIComponent(q)}&limit=50`)).body['data'];
  const count = async (): Promise<number> =>
    Number((await app.db.rows('SELECT COUNT(*) AS n FROM shared_foods'))[0]?.['n']);

  it('keeps unknown values unknown, and zeros zero', async () => {
    await load(
      'source,source_ref,name,energy_kcal,energy_kj,protein_g,fat_g,barcode\nt,1,Unknowable,-,,0,"1,5",036000291452\nt,2,Joulefood,,418.4,,,\n',
    );
    const [first] = await found('unknowable');
    expect(first).toMatchObject({
      nutrients: { energy_kcal: null, energy_kj: null, protein_g: 0, fat_g: 1.5 },
      energy_kcal: null,
      barcode: '00036000291452',
    });
    const [second] = await found('joulefood');
    expect(second).toMatchObject({ energy_kcal: 100, nutrients: { energy_kcal: null, protein_g: null } });
  });

  it('names each row that it cannot read, with its line, and imports the others', async () => {
    const before = await count();
    const { created, rows } = await load(
      [
        'source,source_ref,name,protein_g,barcode',
        'bad,1,Goodfood one,1,',
        'bad,2,Badfood,lots,',
        'bad,3,Badfood,101,',
        'bad,4,,1,',
        'bad,5,Badfood,1,036000291453',
        'bad,6,Badfood,1',
        'bad,7,"Bad',
        'food",1',
        'bad,8,Badfood,-1,',
        'bad,9,Goodfood two,,',
        'bad,10,Badfood,"1,234",',
        'bad,11,Bad\uFFFDfood,1,',
        'bad,12,Bad\u0000food,1,',
        'ba/d,13,Badfood,1,',
        '',
      ].join('\n'),
    );
    expect(created).toBe(2);
    expect(rows.map(({ line }) => line)).toEqual([3, 4, 5, 6, 7, 8, 10, 12, 13, 14, 15]);
    expect(rows[0]?.reason).toContain('protein_g: "lots" is not a number');
    expect(rows[1]?.reason).toContain('101 is more than 100 g');
    expect(rows[2]?.reason).toContain('name');
    expect(rows[3]?.reason).toContain('check digit');
    expect(rows[4]?.reason).toContain('4 columns');
    expect(await count()).toBe(before + 2);
    expect(await found('badfood')).toEqual([]);
    expect(await found('goodfood')).toHaveLength(2);
  });

  it('changes nothing when it is repeated, and follows a table that changed', async () => {
    const table = 'source,source_ref,name\nr,1,Repeatable one\nr,2,Repeatable two\nr,2,Repeatable three\n';
    expect(await load(table)).toMatchObject({ created: 2 });
    const before = await found('repeatable');
    expect(before.map(({ name }) => name).toSorted()).toEqual(['Repeatable one', 'Repeatable three']);
    expect(await load(table)).toMatchObject({ created: 0 });
    expect(await found('repeatable')).toEqual(before);
    await load('source,source_ref,name\nr,1,Repeated\n');
    expect((await found('repeat')).map(({ name }) => name).toSorted()).toEqual([
      'Repeatable three',
      'Repeated',
    ]);
  });

  it.each(['', 'a,b,c\n1,2,3\n', 'source,name\nx,y\n', 'source,source_ref,name,name\nx,1,y,z\n'])(
    'refuses a file that is no table of foods',
    async (text) => {
      const before = await count();
      await expect(load(text)).rejects.toThrow(/columns|empty|twice/);
      expect(await count()).toBe(before);
    },
  );

  it('does not read a quote that never ends into the memory', async () => {
    const rest = Array.from({ length: 20_000 }, (_, at) => `q,${at},Endless ${at}`).join('\n');
    await expect(load(`source,source_ref,name\nq,x,"open\n${rest}`)).rejects.toThrow(/record/i);
  });

  it.skipIf(!existsSync(CIQUAL))(
    'reads Ciqual whole, and none of its unknown values becomes known',
    async () => {
      const cells: Record<string, string>[] = parse(readFileSync(CIQUAL), { columns: true, bom: true });
      const components = Object.keys(cells[0] ?? {}).slice(5);
      expect([cells.length, components.length]).toEqual([3_186, 67]);
      // The table says `-` for 63 688 values, and nothing for 1 564.
      const all = cells.flatMap((row) =>
        components.map((column) => [row[column], numberIn(row, column)] as const),
      );
      const unknown = all.filter(([, value]) => value === null);
      expect(unknown.filter(([text]) => text === '-')).toHaveLength(63_688);
      expect(unknown.filter(([text]) => text === '')).toHaveLength(1_564);
      expect(all.filter(([text, value]) => value !== null && Number(text) !== value)).toEqual([]);

      const before = await count();
      const { created, replaced, rows } = await loadFile(CIQUAL);
      expect({ rows, sum: created + replaced, replaced }).toEqual({ rows: [], sum: 3_186, replaced: 281 });
      expect(await count()).toBe(before + created);
      const stored = await app.db.rows<{ source_ref: string; nutrients: string; energy_kcal: number | null }>(
        "SELECT source_ref, nutrients, energy_kcal FROM shared_foods WHERE source = 'ciqual'",
      );
      const byCode = new Map(stored.map((row) => [row.source_ref, row]));
      const pairs = [
        ['sugars_g', 'Sugars (g/100g)'],
        ['energy_kcal', 'Energy, Regulation EU No 1169/2011 (kcal/100g)'],
        ['vit_k_ug', 'Vitamin K1 (µg/100g)'],
        ['sodium_mg', 'Sodium (mg/100g)'],
        ['water_g', 'Water (g/100g)'],
      ];
      for (const row of new Map(cells.map((one) => [one['code'], one])).values()) {
        const food = byCode.get(row['code']!)!;
        const nutrients = JSON.parse(food.nutrients);
        for (const [key = '', column = ''] of pairs)
          expect([row['code'], key, nutrients[key]]).toEqual([row['code'], key, numberIn(row, column)]);
        expect(food.energy_kcal).toBe(nutrients.energy_kcal);
        const isKnown = ['Retinol (µg/100g)', 'Beta-carotene (µg/100g)'].every(
          (it) => row[it] !== '-' && row[it],
        );
        expect([row['code'], nutrients.vit_a_ug_rae !== null]).toEqual([row['code'], Boolean(isKnown)]);
      }
      expect(ciqualTable.columns.length).toBeGreaterThan(30);
      expect((await found('creme de marrons'))[0]?.['source']).toBe('ciqual');
      expect((await loadFile(CIQUAL)).created).toBe(0);
    },
  );
});
