import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { FoodNames } from './food-names.js';
import type { Result } from './measure.js';
import { type Person, post, register } from './people.js';
import { percentile } from './statistics.js';

const SEED = 20_260_106;
const SEARCHES = 300;
const WARM_UP = 20;
const TARGET_MS = 50;
const OWN_FOODS = 5_000;
const PUSHED = 100;

interface Service {
  readonly url: string;
  readonly databaseUrl: string;
  readonly secret: string;
}

interface Extent {
  /** Measures only cases whose name contains this text. */
  readonly only: string;
  readonly foods: number;
  readonly tell: (line: string) => void;
}

/** Imports generated foods by the command of operators, and measures searches of one client, one after another. */
export async function measureFoods(service: Service, { only, foods, tell }: Extent): Promise<Result[]> {
  const start = performance.now();
  const sample = await importFoods(service, foods);
  tell(`imported ${foods} foods in ${Math.round((performance.now() - start) / 1_000)} s (seed ${SEED})`);
  const stranger = await register(service.url, 'food-stranger');
  const cook = await cookOf(service.url);
  const results: Result[] = [];
  for (const [name, queryOf, person] of casesOf(sample, stranger, cook))
    if (name.includes(only)) results.push(await measure(name, service.url, person, queryOf));
  return results;
}

type QueryOf = (index: number) => string;

function casesOf(
  sample: readonly (readonly string[])[],
  stranger: Person,
  cook: Person,
): readonly (readonly [string, QueryOf, Person])[] {
  const namesAt = (index: number): readonly string[] => sample[index % sample.length] ?? [];
  const words =
    (count: number): QueryOf =>
    (index) =>
      namesAt(index).slice(0, count).toReversed().join(' ');
  const prefix =
    (length: number): QueryOf =>
    (index) =>
      (namesAt(index)[0] ?? '').slice(0, length);
  const common = ['ch', 'c', 'cho', 'chicken', 'chocolate ch', 'organic ch', 'ma', 'milk c'];
  const apart = ['mini black', 'black red green', 'frozen tea', 'dark whole', 'green bla', 'ham red cho'];
  return [
    ['search foods, one word', words(1), stranger],
    ['search foods, two words', words(2), stranger],
    ['search foods, three words', words(3), stranger],
    ['search foods, one letter', prefix(1), stranger],
    ['search foods, two letters', prefix(2), stranger],
    ['search foods, four letters', prefix(4), stranger],
    ['search foods, words and a prefix', (index) => words(3)(index).slice(0, -1), stranger],
    ['search foods, common beginnings', (index) => common[index % common.length] ?? '', stranger],
    [
      'search foods, common words that are seldom together',
      (index) => apart[index % apart.length] ?? '',
      stranger,
    ],
    ['search foods, nothing matches', (index) => `${words(2)(index)} xyzzy`, stranger],
    [`search foods, with ${OWN_FOODS} of one’s own`, words(2), cook],
  ];
}

async function measure(name: string, url: string, { headers }: Person, queryOf: QueryOf): Promise<Result> {
  const times: number[] = [];
  for (let index = -WARM_UP; index < SEARCHES; index++) {
    const query = encodeURIComponent(queryOf(index + WARM_UP));
    const start = performance.now();
    const response = await fetch(`${url}/api/foods/search?limit=20&q=${query}`, { headers });
    if (!response.ok) throw new Error(`${name}: ${response.status} ${await response.text()}`);
    await response.arrayBuffer();
    if (index >= 0) times.push(performance.now() - start);
  }
  const p95 = percentile(times, 0.95);
  const value = `median ${percentile(times, 0.5).toFixed(1)} ms`;
  return { name, clients: 1, p95, value, target: `p95 < ${TARGET_MS} ms`, isMet: p95 < TARGET_MS };
}

/** @returns the words of some of the foods */
async function importFoods(
  { databaseUrl, secret }: Service,
  foods: number,
): Promise<readonly (readonly string[])[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hale-foods-'));
  const file = join(folder, 'foods.csv');
  try {
    const sample = await writeTable(file, foods);
    const script = fileURLToPath(new URL('../../src/commands/foods.js', import.meta.url));
    const env = { PATH: process.env['PATH'], DATABASE_URL: databaseUrl, JWT_SECRET: secret };
    await promisify(execFile)(process.execPath, [script, 'import', file], { env });
    return sample;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function writeTable(file: string, foods: number): Promise<readonly (readonly string[])[]> {
  const names = new FoodNames(SEED);
  const every = Math.max(1, Math.floor(foods / (SEARCHES + WARM_UP)));
  const sample: (readonly string[])[] = [];
  const stream = createWriteStream(file);
  stream.write('source,source_ref,name,energy_kcal,protein_g,carbs_g,sugars_g,fat_g\n');
  for (let index = 0; index < foods; index++) {
    const words = names.next();
    if (index % every === 0) sample.push(words);
    const line = `bench,${index},${words.join(' ')},${index % 900},${index % 90},${index % 70},,${index % 60}\n`;
    if (!stream.write(line)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'finish');
  return sample;
}

/** A person with many foods of their own. */
async function cookOf(url: string): Promise<Person> {
  const cook = await register(url, 'food-cook');
  const status = await fetch(`${url}/api/sync/status`, { headers: cook.headers });
  const { epoch } = (await status.json()) as { epoch: string };
  const names = new FoodNames(SEED + 1);
  for (let made = 0; made < OWN_FOODS; made += PUSHED) {
    const mutations = Array.from({ length: PUSHED }, (_, at) => ({
      mutation_id: crypto.randomUUID(),
      client_seq: made + at + 1,
      kind: 'food',
      id: crypto.randomUUID(),
      op: 'create',
      modified_at: new Date().toISOString(),
      fields: {
        name: names.next().join(' '),
        basis: 'per_100g',
        nutrients: { energy_kcal: 100 },
        servings: [],
      },
    }));
    await post(`${url}/api/sync/push`, { client_id: 'cook-phone', epoch, mutations }, cook.headers);
  }
  return cook;
}
