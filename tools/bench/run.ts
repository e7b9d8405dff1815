import { setTimeout as pause } from 'node:timers/promises';
import { casesOf, type Cast, CROWD, PUSHERS, type Subject, USUAL_SUBJECTS } from './cases.js';
import type { Child } from './child.js';
import { type BenchDatabase, type Engine, openDatabase } from './databases.js';
import { measureFairness } from './fairness.js';
import { measureFoods } from './food-cases.js';
import { walkerOf } from './health-cases.js';
import { type Case, measure, type Result } from './measure.js';
import { addWeights, register, registerMany } from './people.js';
import { machineLine, type Report } from './report.js';
import { measurePokes } from './poke.js';
import { syncCast } from './sync-cases.js';
import { newSecret, startBare, startService } from './service.js';
import { median } from './statistics.js';

export interface Options {
  readonly subjects: readonly Subject[];
  readonly seconds: number;
  /** Measures only cases whose name contains this text. */
  readonly only: string;
  /** How many foods are searched. */
  readonly foods: number;
  /** Directory for a CPU profile of the service. */
  readonly profile: string | undefined;
}

const STARTS = 3;
/** Time for the garbage of the start to be collected. */
const IDLE_MS = 3_000;
const READERS_WEIGHTS = 1_000;
/** The other people have weights too: the table has ten thousand rows. */
const OTHERS_WEIGHTS = 200;

/** Measures all cases on one database, and removes everything afterwards. */
export async function run(engine: Engine, options: Options, tell: (line: string) => void): Promise<Report> {
  const machine = machineLine();
  const database = await openDatabase(engine);
  try {
    const secret = newSecret();
    tell(`${database.title}: preparing`);
    const start = () => startService(database.url, secret, options.profile);
    const first = await start();
    const cast = await prepare(first.url, options.subjects);
    await first.stop();
    const startsCount =
      options.subjects.some((subject) => USUAL_SUBJECTS.includes(subject)) && 'start'.includes(options.only);
    const results = startsCount ? await starting(start) : [];
    return {
      database: database.title,
      machine,
      results: [...(await underLoad(database, secret, start, cast, options, tell)), ...results],
    };
  } finally {
    await database.drop();
  }
}

export async function prepare(url: string, subjects: readonly Subject[] = []): Promise<Cast> {
  const reader = await register(url, 'reader');
  const hot = await register(url, 'hot');
  const crowd = await registerMany(url, 'crowd', CROWD);
  await addWeights(url, reader, READERS_WEIGHTS);
  for (const person of [hot, ...crowd]) await addWeights(url, person, OTHERS_WEIGHTS);
  const pull = await fetch(`${url}/api/health-metrics/weight/sync?limit=500`, { headers: reader.headers });
  const pushers = crowd.slice(0, PUSHERS);
  const sync = await syncCast(url, reader, pushers);
  const isWalked = subjects.includes('health') || subjects.includes('fhir');
  const walker = isWalked ? await walkerOf(url) : undefined;
  return { reader, hot, crowd, pushers, tag: pull.headers.get('etag') ?? '', sync, walker };
}

/** Measures a start on an existing database; the first start also migrates. */
async function starting(start: () => Promise<Child>): Promise<Result[]> {
  const seconds: number[] = [];
  const memories: number[] = [];
  for (let count = 0; count < STARTS; count++) {
    const service = await start();
    seconds.push(service.startSeconds);
    await pause(IDLE_MS);
    memories.push(service.memory());
    await service.stop();
  }
  const [second, memory] = [median(seconds), median(memories)];
  return [
    { name: 'start to ready', value: `${second.toFixed(2)} s`, target: '< 2 s', isMet: second < 2 },
    { name: 'memory, idle', value: `${memory.toFixed(0)} MiB`, target: '< 200 MiB', isMet: memory < 200 },
  ];
}

async function underLoad(
  database: BenchDatabase,
  secret: string,
  start: () => Promise<Child>,
  cast: Cast,
  { subjects, seconds, only, foods }: Options,
  tell: (line: string) => void,
): Promise<Result[]> {
  const service = await start();
  const bare = await startBare(database.url);
  try {
    const results: Result[] = [];
    const wanted = ({ name }: Case): boolean => name.includes(only);
    for (const subject of subjects)
      for (const test of casesOf(subject, service.url, bare.url, cast).filter(wanted)) {
        tell(`${database.title}: ${test.name}`);
        results.push(await measure(test, { service, bare }, seconds));
      }
    if (subjects.includes('sync') && 'poke'.includes(only))
      results.push(await measurePokes(service.url, cast.sync));
    const target = { url: service.url, databaseUrl: database.url, secret };
    if (subjects.includes('foods')) results.push(...(await measureFoods(target, { only, foods, tell })));
    if (subjects.includes('fairness')) {
      tell(`${database.title}: one person beside another`);
      results.push(...(await measureFairness(target, { only, seconds })));
    }
    return results;
  } finally {
    await bare.stop();
    await service.stop();
  }
}
