import { parseArgs } from 'node:util';
import { seededRandom, type Random } from '../support/random.js';
import { chart } from './chart.js';
import { readWeights } from './csv.js';
import { playHealth } from './health.js';
import { inKilograms, InputError, type Input, type Person, type Unit } from './measurement.js';
import { type Narrator, narratorTo, silent } from './narrator.js';
import { playNourishment } from './nourish.js';
import { askForOthersData, personalLines } from './privacy.js';
import { type Proof, sha256 } from './proof.js';
import { ownSeries } from './series.js';
import { withService, type ThrowAwayService } from './service.js';
import { play, type Ending } from './story.js';
import { counted } from './wording.js';

/*
 * `npm run demo -- [weights.csv] [--seed=7]`: three phones keep one history of weights and meals equal although they are
 * offline, edit the same records, crash and lose an answer; a fourth phone joins. Then readings of several sources, in several
 * units and from a file are counted once, and a day of food, water and medication is logged. Exit code: 0 all are equal,
 * 1 they differ, 2 invalid input.
 */

const DEFAULT_SEED = 26;
/** The service allows 50 sign-ins per hour and address, and each person signs in on four phones. */
const MOST_PEOPLE = 12;
const SHOWN_PROBLEMS = 20;

interface Outcome {
  readonly endings: readonly Ending[];
  /** Descriptions of the failed checks. */
  readonly problems: readonly string[];
}

const print = (line: string): void => console.log(line);

/** An entry of another person, so that there is always somebody whose data must stay hidden. */
const stranger: Person = {
  name: 'a stranger',
  measurements: [{ timestamp: '2026-01-06T20:30:00Z', weight_value: 11.5, unit: 'st' }],
};

function argumentsOf(argv: readonly string[]): { file: string | undefined; seed: number } {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: { seed: { type: 'string', default: String(DEFAULT_SEED) } },
      allowPositionals: true,
    });
    if (positionals.length > 1) throw new Error('only one file can be given');
    if (!/^\d{1,9}$/.test(values.seed)) throw new Error('--seed must be a whole number of at most 9 digits');
    return { file: positionals[0], seed: Number(values.seed) };
  } catch (error) {
    throw new InputError(`usage: npm run demo -- [weights.csv] [--seed=7] (${(error as Error).message})`);
  }
}

async function run(input: Input, random: Random, service: ThrowAwayService): Promise<Outcome> {
  print(`Service on ${service.url}, with a temporary database.`);
  const [shownPerson = stranger, ...others] = mostMeasured(input.people);
  const narrator = narratorTo(print);
  if (others.length > 0) print(`Shown in detail: ${shownPerson.name}, who has the most measurements.`);
  const main = await play(shownPerson, service, random, narrator);
  narrator.step(`Proof: all four phones of ${shownPerson.name} and the service have the same records.`);
  show(main.proof);

  if (others.length > 0)
    narrator.step(`The same with ${counted(others.length, 'more person', 'more people')} at the same time.`);
  const silently = (person: Person): Promise<Ending> => play(person, service, random, silent);
  const more = await Promise.all((others.length > 0 ? others : [stranger]).map(silently));
  if (others.length > 0) for (const ending of more) narrator.note(summary(ending));
  const endings = [main, ...more];

  const health = await playHealth(service, narrator);
  const nourishment = await playNourishment(service, narrator);
  const seen = await lookForLeaks(endings, service, narrator);
  const problems = endings.flatMap(({ person, problems: own }) =>
    own.map((text) => `${person.name}: ${text}`),
  );
  return { endings, problems: [...problems, ...health, ...nourishment, ...seen] };
}

async function lookForLeaks(
  endings: readonly Ending[],
  service: ThrowAwayService,
  narrator: Narrator,
): Promise<string[]> {
  narrator.step(
    'Nobody sees the data of another person: each person requests an entry of the next one by its id.',
  );
  const seen = await askForOthersData(endings);
  const asked = endings.length;
  if (seen.length === 0) narrator.note(`${asked} requests, all answered with 404; the owners got 200`);
  const log = service.log();
  const leaks = personalLines(log, endings);
  if (leaks.length === 0)
    narrator.note(`${log.length} lines of the service's log: no weight, no meal, no address, no password`);
  return [...seen, ...leaks.map((line) => `in the log: ${line}`)];
}

function mostMeasured(people: readonly Person[]): Person[] {
  if (people.length > MOST_PEOPLE)
    print(`Only the ${MOST_PEOPLE} people with the most measurements take part.`);
  const size = ({ measurements }: Person): number => measurements.length;
  return people.toSorted((one, other) => size(other) - size(one)).slice(0, MOST_PEOPLE);
}

function show({ copies }: Proof): void {
  print('\n         weights  meals  SHA-256 of all records, sorted');
  for (const copy of copies) {
    const { weight, meal } = copy.digests;
    const counts = `${String(weight.count).padStart(7)}${String(meal.count).padStart(7)}`;
    print(`${copy.holder.padEnd(9)}${counts}  ${sha256(copy)}`);
  }
  const [copy] = copies;
  if (!copy) return;
  const { weight, meal } = copy.digests;
  print(`The digests of sync agree, too: weight ${weight.sum64}, meal ${meal.sum64}`);
  const points = copy.lines
    .map((line) => JSON.parse(line) as [kind: string, id: string, version: number, number, Unit, string])
    .filter(([kind]) => kind === 'weight')
    .map(([, , , weight_value, unit, timestamp]) => ({ weight_value, unit, timestamp }))
    .map((entry) => ({ time: Date.parse(entry.timestamp), value: inKilograms(entry) }))
    .toSorted((one, other) => one.time - other.time);
  if (points.length > 0) print(`\n${chart(points, 'kg').join('\n')}`);
}

function summary({ person, proof, duplicates, conflicts, problems }: Ending): string {
  const [first] = proof.copies;
  const verdict = problems.length === 0 ? 'four phones equal' : 'FAILED';
  const faults = `${duplicates} sent again, ${conflicts} in conflict`;
  const records = String(first?.lines.length ?? 0).padStart(4);
  return `${person.name.padEnd(18)}${records} records  ${verdict}  ${first && sha256(first).slice(0, 12)}…  ${faults}`;
}

function firstOf(problems: readonly string[]): string[] {
  const more = problems.length - SHOWN_PROBLEMS;
  return [...problems.slice(0, SHOWN_PROBLEMS), ...(more > 0 ? [`and ${more} more`] : [])];
}

async function main(): Promise<number> {
  const { file, seed } = argumentsOf(process.argv.slice(2));
  const random = seededRandom(seed);
  const input = file ? readWeights(file) : ownSeries(random, new Date());
  for (const line of input.about) print(line);
  print(`Seed ${seed} (choose another with --seed=<number>).`);
  const begun = performance.now();
  const { endings, problems } = await withService((service) => run(input, random, service));
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  print(
    problems.length === 0
      ? `\n${proven(endings)} (${seconds} s)`
      : `\nFAILED:\n${firstOf(problems).join('\n')}`,
  );
  return problems.length === 0 ? 0 : 1;
}

const proven = (endings: readonly Ending[]): string =>
  `Proven: ${counted(endings.length, 'person', 'people')}, ${endings.length * 4} phones, all equal: nothing was lost, ` +
  'nothing was duplicated,\nno version of a conflict was dropped, and nobody saw the data of another person.';

// The reader of the output may stop reading (`| head`); the service must still be stopped and its files removed.
process.stdout.on('error', () => undefined);

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof InputError ? error.message : error);
  process.exitCode = error instanceof InputError ? 2 : 1;
}
