import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { v7 as uuidv7 } from 'uuid';
import type { Result } from './measure.js';
import { addWeights, newWeight, type Person, register } from './people.js';
import { beginEpochs } from './service.js';
import { percentile } from './statistics.js';

const WEIGHTS = 100_000;
const MEALS = 500;
const BATCH = 100;
/** No request of one person may keep another one waiting for longer. */
const TARGET_MS = 50;

/** A request of the person who does the worst that the API allows. */
export interface AttackRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A request with a body is a POST. */
  readonly body?: string;
}

/** Measures only attacks whose name contains `only`, each for so many seconds or once. */
interface Extent {
  readonly only: string;
  readonly seconds: number;
}

interface Attack {
  readonly name: string;
  readonly request: () => Promise<AttackRequest> | AttackRequest;
}

/** The service that is measured, and what a command needs to reach its database. */
interface Service {
  readonly url: string;
  readonly databaseUrl: string;
  readonly secret: string;
}

/** Measures how long one person waits for a small page while another one does the worst that the API allows. */
export async function measureFairness(service: Service, { only, seconds }: Extent): Promise<Result[]> {
  const { url } = service;
  const neighbour = await register(url, 'neighbour');
  await addWeights(url, neighbour, BATCH);
  const heavy = await heavyPerson(url);
  const attacker = fork(fileURLToPath(new URL('attacker.js', import.meta.url)));
  try {
    const results: Result[] = [];
    for (const attack of attacksOf(service, heavy).filter(({ name }) => name.includes(only)))
      results.push(await measure(attack, attacker, url, neighbour, seconds));
    return results;
  } finally {
    attacker.kill();
  }
}

/** Repeats an attack, while the neighbour sends one request after another. */
async function measure(
  { name, request }: Attack,
  attacker: ChildProcess,
  url: string,
  { headers }: Person,
  seconds: number,
): Promise<Result> {
  const times: number[] = [];
  const end = performance.now() + seconds * 1_000;
  do {
    const attack = { isOver: false };
    const answer = once(attacker, 'message').finally(() => (attack.isOver = true));
    attacker.send(await request());
    while (!attack.isOver) {
      const start = performance.now();
      const response = await fetch(`${url}/api/health-metrics/weight?limit=1`, { headers });
      await response.arrayBuffer();
      times.push(performance.now() - start);
    }
    const [status] = (await answer) as [string];
    if (status !== '200') throw new Error(`${name}: ${status}`);
  } while (performance.now() < end);
  const longest = Math.max(...times);
  return {
    name: `small page beside ${name}`,
    clients: 1,
    p95: percentile(times, 0.95),
    value: `≤ ${longest.toFixed(1)} ms`,
    target: `< ${TARGET_MS} ms`,
    isMet: longest < TARGET_MS,
  };
}

function attacksOf({ url, databaseUrl, secret }: Service, { person, epoch }: Heavy): Attack[] {
  const get = (path: string) => (): AttackRequest => ({ url: url + path, headers: person.headers });
  return [
    { name: 'the first page of a pull', request: get('/api/sync/pull?limit=500') },
    { name: 'the status of sync', request: get('/api/sync/status') },
    { name: 'a deep list', request: get('/api/health-metrics/weight?limit=500&offset=10000') },
    { name: 'a list of the largest meals', request: get('/api/meals?limit=500') },
    {
      name: 'a push of 100 large meals',
      request: () => ({ url: `${url}/api/sync/push`, headers: person.headers, body: pushOf(epoch) }),
    },
    {
      // At the end, because it begins a new epoch, as after a restore: digests are missing then.
      name: 'a digest that is counted',
      request: async () => {
        await beginEpochs(databaseUrl, secret);
        return get('/api/sync/digest')();
      },
    },
  ];
}

interface Heavy {
  readonly person: Person;
  readonly epoch: string;
}

async function heavyPerson(url: string): Promise<Heavy> {
  const person = await register(url, 'heavy');
  const status = await fetch(`${url}/api/sync/status`, { headers: person.headers });
  const { epoch } = (await status.json()) as { epoch: string };
  await addWeights(url, person, WEIGHTS);
  const headers = { 'content-type': 'application/json', ...person.headers };
  for (let made = 0; made < MEALS; made += BATCH) {
    const response = await fetch(`${url}/api/sync/push`, { method: 'POST', headers, body: pushOf(epoch) });
    if (!response.ok) throw new Error(`push answered ${response.status}`);
    await response.arrayBuffer();
  }
  return { person, epoch };
}

let pushed = 0;

/** A hundred new meals of almost 10 kB. */
const pushOf = (epoch: string): string =>
  JSON.stringify({
    client_id: 'heavy-phone',
    epoch,
    mutations: Array.from({ length: BATCH }, () => ({
      mutation_id: randomUUID(),
      client_seq: ++pushed,
      kind: 'meal',
      id: uuidv7(),
      op: 'create',
      modified_at: new Date().toISOString(),
      fields: largeMeal(),
    })),
  });

const largeMeal = () => ({
  eaten_at: newWeight().timestamp,
  time_zone: 'Europe/Vienna',
  meal_type: 'dinner',
  title: 'x'.repeat(200),
  note: 'x'.repeat(400),
  items: Array.from({ length: 50 }, (_, i) => ({
    name: `${'x'.repeat(76)} ${i}`,
    quantity: 80 + i,
    unit: 'pieces',
    energy_kcal: 300,
    protein_g: 1.5,
    carbs_g: 2.5,
    fat_g: 3.5,
  })),
});
