import { parseArgs } from 'node:util';
import { hasMariadb } from '../support/mariadb.js';
import { openDatabases, processesOf, type Setup, SETUPS } from './databases.js';
import { playRound, type RoundReport } from './round.js';

/*
 * `npm run chaos -- [sqlite|mariadb|mariadb-two] [--minutes n] [--seed n]`: devices edit the same records over bad networks
 * while the service is killed. Afterwards all must show the same, and no acknowledged edit may be lost. Exit code: 0
 * passed, 1 failed, 2 invalid arguments. The seed decides the actions but not the timing of the operating system: a failing
 * seed usually fails again, but not always.
 */

const USAGE = 'usage: npm run chaos -- [sqlite|mariadb|mariadb-two] [--minutes n] [--seed n]';
const SHOWN_PROBLEMS = 40;
const COUNTED =
  'actions writes mistakes requests acks kills crashes drops lost duplicates cuts delays unavailable conflicts resolved records cycles'.split(
    ' ',
  );

class UsageError extends Error {}

interface Arguments {
  readonly setups: readonly Setup[];
  readonly minutes: number;
  readonly seed: number;
}

function argumentsOf(args: string[]): Arguments {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { minutes: { type: 'string', default: '0' }, seed: { type: 'string' } },
    });
    const setups = positionals.map((name) => SETUPS.find((setup) => setup === name));
    const seed = values.seed ?? process.env['HALE_SEED'] ?? String(Date.now() % 1_000_000_000);
    if (!setups.every((setup) => setup !== undefined)) throw new Error('unknown setup');
    if (!/^\d{1,3}(\.\d+)?$/.test(values.minutes) || !/^\d{1,9}$/.test(seed))
      throw new Error('--minutes and --seed must be numbers');
    return {
      setups: setups.length > 0 ? setups : SETUPS,
      minutes: Number(values.minutes),
      seed: Number(seed),
    };
  } catch (error) {
    throw new UsageError(`${USAGE} (${(error as Error).message})`);
  }
}

function isThere(setup: Setup): boolean {
  if (setup === 'sqlite' || hasMariadb()) return true;
  console.error(`${setup} is skipped: mariadbd is not on the PATH.`);
  return false;
}

function show(setup: Setup, seed: number, { counts, problems }: RoundReport, seconds: number): void {
  const verdict = problems.length === 0 ? 'held' : 'FAILED';
  console.log(`${setup} seed ${seed} ${verdict}: ${counts.line(COUNTED)}; ${seconds.toFixed(1)} s`);
  for (const problem of problems.slice(0, SHOWN_PROBLEMS)) console.log(`  ${problem}`);
  if (problems.length > SHOWN_PROBLEMS) console.log(`  and ${problems.length - SHOWN_PROBLEMS} more`);
}

/** Runs rounds until the time is up, at least one. */
async function run(setup: Setup, { minutes, seed: first }: Arguments): Promise<boolean> {
  const databases = await openDatabases(setup);
  const end = Date.now() + minutes * 60_000;
  try {
    for (let seed = first; ; seed++) {
      const begun = Date.now();
      const report = await playRound({
        databaseUrl: await databases.create(),
        processes: processesOf(setup),
        seed,
        phones: 3 + (seed % 3),
        actions: 120,
        kills: 3,
      }).catch((error: unknown) => {
        throw new Error(`${setup} seed ${seed} FAILED`, { cause: error });
      });
      show(setup, seed, report, (Date.now() - begun) / 1_000);
      if (report.problems.length > 0) return false;
      if (Date.now() >= end) return true;
    }
  } finally {
    await databases.close();
  }
}

async function main(): Promise<number> {
  const given = argumentsOf(process.argv.slice(2));
  let held = true;
  for (const setup of given.setups.filter(isThere)) held = (await run(setup, given)) && held;
  return held ? 0 : 1;
}

// Work of killed apps may still be waiting, so the process is ended explicitly.
try {
  process.exit(await main());
} catch (error) {
  console.error(error instanceof UsageError ? error.message : error);
  process.exit(error instanceof UsageError ? 2 : 1);
}
