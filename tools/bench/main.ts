import { parseArgs } from 'node:util';
import { hasMariadb } from '../support/mariadb.js';
import { SUBJECTS, USUAL_SUBJECTS } from './cases.js';
import { type Engine, ENGINES } from './databases.js';
import { comparison, type Report, table } from './report.js';
import { type Options, run } from './run.js';

/*
 * `npm run bench -- [weight|sync|hot|health|fhir|foods|fairness] [sqlite|mariadb] [--seconds=8] [--foods=1000000] [--json] [--only=<part of a name>] [--profile=<directory>]`:
 * compares the service with a bare program that returns the same answers, on this machine, at the same time. It only reports
 * speed; it fails only on errors, because a busy machine is not a defect.
 */

const USAGE =
  'usage: npm run bench -- [weight|sync|hot|health|fhir|foods|fairness] [sqlite|mariadb] [--seconds=8] [--foods=1000000] [--json] [--only=<part of a name>] [--profile=<directory>]';

class UsageError extends Error {}

interface Arguments extends Options {
  readonly engines: readonly Engine[];
  readonly asJson: boolean;
}

function argumentsOf(argv: string[]): Arguments {
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        seconds: { type: 'string', default: '8' },
        foods: { type: 'string', default: '1000000' },
        only: { type: 'string', default: '' },
        profile: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    const engines = ENGINES.filter((engine) => positionals.includes(engine));
    const subjects = SUBJECTS.filter((subject) => positionals.includes(subject));
    const isKnown = engines.length + subjects.length === new Set(positionals).size;
    if (!isKnown || !/^[1-9]\d{0,3}$/.test(values.seconds) || !/^[1-9]\d{0,6}$/.test(values.foods))
      throw new Error('unknown case or database, or a number that is not possible');
    const { only, profile, json: asJson } = values;
    return {
      engines: engines.length > 0 ? engines : ENGINES,
      subjects: subjects.length > 0 ? subjects : USUAL_SUBJECTS,
      seconds: Number(values.seconds),
      foods: Number(values.foods),
      only,
      profile,
      asJson,
    };
  } catch (error) {
    throw new UsageError(`${USAGE} (${(error as Error).message})`);
  }
}

function isThere(engine: Engine): boolean {
  if (engine === 'sqlite' || hasMariadb()) return true;
  console.error('MariaDB is skipped: mariadbd is not on the PATH.');
  return false;
}

async function main(): Promise<void> {
  const { engines, asJson, ...options } = argumentsOf(process.argv.slice(2));
  const reports: Report[] = [];
  for (const engine of engines.filter(isThere)) {
    const report = await run(engine, options, (line) => console.error(line));
    reports.push(report);
    if (!asJson) console.log(`\n${table(report)}\n`);
  }
  if (asJson) console.log(JSON.stringify(reports, undefined, 2));
  else console.log(comparison(reports));
}

try {
  await main();
} catch (error) {
  console.error(error instanceof UsageError ? error.message : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
