import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { searchText } from '../src/modules/nutrition/foods/folding.js';
import { CIQUAL, LICENCES, sharedFoodId } from '../src/modules/nutrition/foods/shared/food-sources.js';
import { indexWords } from '../src/modules/nutrition/foods/shared/index-words.js';
import { PlaceSet } from '../src/modules/nutrition/foods/shared/place-set.js';
import { STARTER_FOODS } from './starter-foods.js';
import { double, instant, integer, key, longText, optional, text, uuid } from './table-columns.js';

const sharedFoods = new Table({
  name: 'shared_foods',
  columns: [
    uuid('id', key),
    integer('place'),
    text('source', 32),
    text('source_ref', 64),
    text('source_licence', 100, optional),
    text('name', 200),
    text('other_name', 200, optional),
    text('brand', 100, optional),
    text('barcode', 14, optional),
    text('basis', 16),
    longText('nutrients'),
    longText('servings'),
    text('category', 100, optional),
    text('language', 16, optional),
    double('energy_kcal', optional),
    text('search_text', 400),
    instant('imported_at'),
  ],
  indices: [
    { name: 'idx_shared_foods_place', columnNames: ['place'], isUnique: true },
    { name: 'idx_shared_foods_barcode', columnNames: ['barcode'] },
  ],
});

const words = new Table({
  name: 'shared_food_words',
  columns: [integer('chunk', key), text('word', 36, key), longText('places')],
});

const places = new Table({
  name: 'shared_food_places',
  columns: [integer('id', key), integer('next')],
});

const NUTRIENTS = [
  'energy_kcal',
  'protein_g',
  'carbs_g',
  'sugars_g',
  'fiber_g',
  'fat_g',
  'saturated_g',
  'sodium_mg',
];
const IMPORTED_AT = '2026-01-01 00:00:00.000';
const INSERTED_AT_ONCE = 200;

/** Creates the tables of foods that everybody may read, with a starter set. */
export class CreateSharedFoods1700000000152 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of [sharedFoods, words, places]) await runner.createTable(table, true);
    const foods = STARTER_FOODS.trim().split('\n').map(foodOf);
    const sets = new Map<string, PlaceSet>();
    for (const [place, { search_text: searched }] of foods.entries())
      for (const word of indexWords(searched)) {
        const set = sets.get(word) ?? new PlaceSet();
        set.add(place);
        sets.set(word, set);
      }
    await insert(runner, 'shared_foods', foods);
    await insert(
      runner,
      'shared_food_words',
      [...sets].map(([word, { stored }]) => ({ chunk: 0, word, places: stored ?? '' })),
    );
    await insert(runner, 'shared_food_places', [{ id: 1, next: foods.length }]);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [places, words, sharedFoods]) await runner.dropTable(table, true);
  }
}

function foodOf(line: string, place: number) {
  const [code = '', name = '', category = '', ...values] = line.split('|');
  const known = NUTRIENTS.flatMap((nutrient, at) => (values[at] ? [[nutrient, Number(values[at])]] : []));
  const nutrients = Object.fromEntries(known) as Record<string, number>;
  return {
    id: sharedFoodId(CIQUAL, code),
    place,
    source: CIQUAL,
    source_ref: code,
    source_licence: LICENCES[CIQUAL],
    name,
    basis: 'per_100g',
    nutrients: JSON.stringify(nutrients),
    servings: '[]',
    category,
    language: 'en',
    energy_kcal: nutrients['energy_kcal'] ?? null,
    search_text: searchText(name),
    imported_at: IMPORTED_AT,
  };
}

async function insert(runner: QueryRunner, table: string, rows: readonly object[]): Promise<void> {
  for (let at = 0; at < rows.length; at += INSERTED_AT_ONCE) {
    const part = rows.slice(at, at + INSERTED_AT_ONCE);
    const names = Object.keys(part[0] ?? {});
    const row = `(${names.map(() => '?').join(', ')})`;
    await runner.query(
      `INSERT INTO ${table} (${names.join(', ')}) VALUES ${part.map(() => row).join(', ')}`,
      part.flatMap((one) => Object.values(one)),
    );
  }
}
