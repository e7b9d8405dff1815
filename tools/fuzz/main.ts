import { parseArgs } from 'node:util';
import { type Engine, ENGINES } from '../bench/databases.js';
import { hasMariadb } from '../support/mariadb.js';
import { type Failure, fuzz } from './fuzz.js';
import { startFuzzed } from './service.js';
import type { Statistics } from './statistics.js';

/*
 * `npm run fuzz -- [--requests n] [--seed n] [--database sqlite|mariadb]`: sends requests that it makes from the service's own
 * OpenAPI document, valid ones and wrong ones, and checks every answer. Exit code: 0 nothing found, 1 something found, 2 invalid
 * arguments. The seed decides the requests but not the order in which simultaneous ones arrive.
 */

const USAGE = 'usage: npm run fuzz -- [--requests n] [--seed n] [--database sqlite|mariadb]';
/** The longest time that a request may take, also on a busy machine. */
const MAX_MILLISECONDS = 2_000;
/** What the process may grow to while it is fuzzed, in MiB. */
const MAX_MEMORY = 512;
/** Sequences that are sent at a time: many requests wait, for a hash of a password or for an even pace. */
const PARALLEL = 6;
const REPORTED_EVERY = 1_000;
const SHOWN_REFUSALS = 40;

/** Ctrl-C ends the run with a report. */
const interruption = new AbortController();
process.once('SIGINT', () => interruption.abort());

class UsageError extends Error {}

function argumentsOf(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        requests: { type: 'string', default: '10000' },
        seed: { type: 'string', default: process.env['HALE_SEED'] ?? String(Date.now() % 1_000_000_000) },
        database: { type: 'string' },
      },
    });
    const engines = ENGINES.filter((engine) => values.database === undefined || values.database === engine);
    if (engines.length === 0) throw new Error('unknown database');
    if (!/^\d{1,9}$/.test(values.requests) || !/^\d{1,9}$/.test(values.seed))
      throw new Error('--requests and --seed must be numbers');
    return { engines, requests: Number(values.requests), seed: Number(values.seed) };
  } catch (error) {
    throw new UsageError(`${USAGE} (${(error as Error).message})`);
  }
}

function isThere(engine: Engine): boolean {
  if (engine === 'sqlite' || hasMariadb()) return true;
  console.error('mariadb is skipped: mariadbd is not on the PATH.');
  return false;
}

/** @returns whether nothing was found. */
async function run(engine: Engine, requests: number, seed: number): Promise<boolean> {
  const service = await startFuzzed(engine);
  const memory: number[] = [];
  let reported = 0;
  try {
    const onRound = ({ requests: sent }: Statistics, found: readonly Failure[]): void => {
      memory.push(service.memory() ?? 0);
      for (const { key, seed: at } of found) console.error(`${engine}: found with seed ${at}: ${key}`);
      if (sent - reported < REPORTED_EVERY) return;
      reported = sent;
      console.error(`${engine}: ${sent} requests, ${memory.at(-1)} MiB`);
    };
    const { promote, url } = service;
    const result = await fuzz({
      url,
      requests,
      seed,
      promote,
      parallel: PARALLEL,
      signal: interruption.signal,
      maxMilliseconds: MAX_MILLISECONDS,
      onRound,
    });
    show(engine, seed, result);
    const most = Math.max(...memory);
    console.log(`memory: ${memory[0]} MiB at first, ${most} MiB at most, ${memory.at(-1)} MiB at the end`);
    if (most > MAX_MEMORY) console.log(`FAILED: more than ${MAX_MEMORY} MiB`);
    return result.failures.length === 0 && most <= MAX_MEMORY;
  } finally {
    const log = await service.stop();
    if (log.includes('"level"')) console.log(`log of the service:\n${log.slice(-5_000)}`);
  }
}

function show(
  engine: Engine,
  seed: number,
  { failures, statistics }: { failures: readonly Failure[]; statistics: Statistics },
): void {
  const statuses = [...statistics.statuses].toSorted(([a], [b]) => a - b);
  console.log(`\n${engine} seed ${seed}: ${statistics.requests} requests, ${failures.length} mistakes found`);
  console.log(statuses.map(([status, count]) => `${status}: ${count}`).join(', '));
  console.log(`slowest answer: ${Math.round(statistics.slowest)} ms`);
  console.log(statistics.table());
  console.log(`no valid request was ever completed: ${statistics.neverSucceeded.join(', ') || 'none'}`);
  console.log('valid by the document, refused with 422:');
  const refusals = [...statistics.refusals].toSorted(([, a], [, b]) => b - a).slice(0, SHOWN_REFUSALS);
  for (const [what, count] of refusals) console.log(`  ${count} × ${what}`);
  for (const { key, text, seed: found, requests } of failures)
    console.log(`\nFOUND (seed ${found}) ${key}\n  ${text}\n${requests}`);
}

async function main(): Promise<number> {
  const { engines, requests, seed } = argumentsOf(process.argv.slice(2));
  let isClean = true;
  for (const engine of engines.filter(isThere))
    if (!interruption.signal.aborted) isClean = (await run(engine, requests, seed)) && isClean;
  return isClean ? 0 : 1;
}

// Connections that are kept alive do not end the process.
try {
  process.exit(await main());
} catch (error) {
  console.error(error instanceof UsageError ? error.message : error);
  process.exit(error instanceof UsageError ? 2 : 1);
}
