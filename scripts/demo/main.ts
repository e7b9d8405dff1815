import { parseArgs } from 'node:util';
import { seededRandom, type Random } from '../support/random.js';
import { chart } from './chart.js';
import { readWeights } from './csv.js';
import { inKilograms, InputError, type Input, type Person } from './measurement.js';
import { narratorTo, silent } from './narrator.js';
import { askForOthersData } from './privacy.js';
import { ownSeries } from './series.js';
import { withService, type ThrowAwayService } from './service.js';
import { play, type Ending } from './story.js';
import { counted } from './wording.js';

/*
 * `npm run demo -- [weights.csv] [--seed=7]`: two phones keep one weight history, although they are offline,
 * edit the same entries and lose an answer. Exit code: 0 both ended equal, 1 they did not, 2 unusable input.
 */

const DEFAULT_SEED = 26;
/** The service lets one address sign in 50 times an hour, and this demo is one address. */
const MOST_PEOPLE = 40;
const SHOWN_PROBLEMS = 20;
const print = (line: string): void => console.log(line);

/** One entry of someone else, so that there is always another person whose data must not be seen. */
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
    if (positionals.length > 1) throw new Error('one file at most');
    if (!/^\d{1,9}$/.test(values.seed)) throw new Error('--seed is a whole number');
    return { file: positionals[0], seed: Number(values.seed) };
  } catch (error) {
    throw new InputError(`usage: npm run demo -- [weights.csv] [--seed=7] (${(error as Error).message})`);
  }
}

async function run(input: Input, random: Random, service: ThrowAwayService): Promise<string[]> {
  print(`Service on ${service.url}, with a database that is thrown away afterwards.`);
  const [shownPerson, ...others] = mostMeasured(input.people);
  if (!shownPerson) return [];
  const narrator = narratorTo(print);
  if (others.length > 0) print(`Shown in detail: ${shownPerson.name}, who has the most measurements.`);
  const main = await play(shownPerson, service.openNetwork, random, narrator);
  narrator.step(`Proof: both phones of ${shownPerson.name} and the service hold the same.`);
  show(main);

  const endings = [main];
  if (others.length > 0)
    narrator.step(
      `The same with ${counted(others.length, 'more person', 'more people')}, each with two phones.`,
    );
  for (const person of others.length > 0 ? others : [stranger]) {
    const ending = await play(person, service.openNetwork, random, silent);
    if (person !== stranger) narrator.note(summary(ending));
    endings.push(ending);
  }
  narrator.step("Nobody sees another's data: each asks for an entry of the next, by its id.");
  const seen = await askForOthersData(endings);
  if (seen.length === 0)
    narrator.note(`${endings.length} asked, ${endings.length} times 404; the owners got 200`);
  return [
    ...endings.flatMap(({ person, problems }) => problems.map((text) => `${person.name}: ${text}`)),
    ...seen,
  ];
}

function mostMeasured(people: readonly Person[]): Person[] {
  if (people.length > MOST_PEOPLE)
    print(`Only the ${MOST_PEOPLE} people with the most measurements take part.`);
  const size = ({ measurements }: Person): number => measurements.length;
  return people.toSorted((one, other) => size(other) - size(one)).slice(0, MOST_PEOPLE);
}

function show({ phone, proof }: Ending): void {
  print('\n        entries, and SHA-256 of their sorted content');
  for (const { holder, count, digest } of proof.rows)
    print(`${holder.padEnd(8)}${String(count).padStart(5)}  ${digest}`);
  const points = phone.store
    .visible()
    .filter((entry) => entry.server_id)
    .map((entry) => ({ time: Date.parse(entry.timestamp), value: inKilograms(entry) }));
  if (points.length > 0) print(`\n${chart(points, 'kg').join('\n')}`);
}

function summary({ person, proof, duplicates, conflicts, problems }: Ending): string {
  const [first] = proof.rows;
  const verdict = problems.length === 0 ? 'equal' : 'FAILED';
  const faults = `${duplicates} duplicate, ${conflicts} conflict`;
  return `${person.name.padEnd(18)}${String(first?.count ?? 0).padStart(4)} entries  ${verdict}  ${first?.digest.slice(0, 12)}…  ${faults}`;
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
  print(`Seed ${seed} (--seed=<number> takes another). All times are UTC.`);
  const problems = await withService((service) => run(input, random, service));
  print(problems.length === 0 ? '\nAll equal.' : `\nFAILED:\n${firstOf(problems).join('\n')}`);
  return problems.length === 0 ? 0 : 1;
}

// Whoever reads may stop reading (`| head`); the service still has to be stopped and its files removed.
process.stdout.on('error', () => undefined);

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof InputError ? error.message : error);
  process.exitCode = error instanceof InputError ? 2 : 1;
}
