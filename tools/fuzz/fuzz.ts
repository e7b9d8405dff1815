import fc from 'fast-check';
import { type Finding, SLOW } from './checks.js';
import { ApiDocument } from './document.js';
import type { Promote } from './people.js';
import { curls, type Played, Player } from './play.js';
import { Statistics } from './statistics.js';
import { endingsOf, type Step, stepsOf } from './steps.js';
import { Wire } from './wire.js';

export interface FuzzOptions {
  /** Where the service listens. */
  readonly url: string;
  /** How many requests to send, at least. */
  readonly requests: number;
  readonly seed: number;
  readonly promote: Promote;
  /** Ends the run after the sequences that are under way. */
  readonly signal?: AbortSignal;
  /** How many sequences are sent at a time; one by default. */
  readonly parallel?: number;
  /** The longest time of an answer; undefined where time is no result. */
  readonly maxMilliseconds?: number;
  /** Called after each sequence of requests. */
  readonly onRound?: (statistics: Statistics, found: readonly Failure[]) => void;
}

/** A mistake of the service, with the shortest sequence of requests that was found for it. */
export interface Failure {
  readonly key: string;
  readonly text: string;
  /** Repeats the sequence with which it was found. */
  readonly seed: number;
  readonly requests: string;
}

/** The requests of one sequence, and so of one set of people. */
export const ROUND = 600;
const SHORTENINGS = 60;

/** Sends sequences of requests until there were enough. The seed of a sequence is the first seed plus its number. */
export async function fuzz(options: FuzzOptions): Promise<{ failures: Failure[]; statistics: Statistics }> {
  const wire = new Wire(options.url);
  try {
    const document = new ApiDocument(await (await fetch(`${options.url}/openapi.json`)).json());
    const player = new Player(wire, document, options.promote, options.maxMilliseconds);
    const sequences = sequencesOf(document);
    const statistics = new Statistics(document.operations);
    const failures: Failure[] = [];
    const known = new Set<string>();
    let next = options.seed;
    const work = async (): Promise<void> => {
      while (statistics.requests < options.requests && !options.signal?.aborted) {
        const found = await new Round(player, statistics, known, next++).run(sequences);
        failures.push(...found);
        options.onRound?.(statistics, found);
      }
    };
    await Promise.all(Array.from({ length: options.parallel ?? 1 }, work));
    return { failures, statistics };
  } finally {
    wire.close();
  }
}

const sequencesOf = (document: ApiDocument): fc.Arbitrary<Step[]> =>
  fc
    .array(
      fc.oneof(
        { arbitrary: stepsOf(document).map((step) => [step]), weight: 60 },
        { arbitrary: endingsOf(document), weight: 1 },
      ),
      { minLength: ROUND / 2, maxLength: ROUND, size: 'max' },
    )
    .map((parts) => parts.flat());

/** One sequence, and shorter ones for each mistake that it shows. */
class Round {
  constructor(
    private readonly player: Player,
    private readonly statistics: Statistics,
    /** The keys of mistakes that are already reported. */
    private readonly known: Set<string>,
    private readonly seed: number,
  ) {}

  async run(sequences: fc.Arbitrary<Step[]>): Promise<Failure[]> {
    const [steps = []] = fc.sample(fc.noBias(sequences), { seed: this.seed, numRuns: 1 });
    const played = await this.player.play(steps);
    this.statistics.add(played);
    const failures: Failure[] = [];
    const findings = newFindings(played, this.known);
    for (const key of findings.keys()) this.known.add(key);
    for (const [key, { text }] of findings) {
      const shortest = await this.shorten(key, steps, played);
      failures.push({ key, text, seed: this.seed, requests: curls(shortest) });
    }
    return failures;
  }

  /** Leaves out steps, as many as possible at a time, while the rest still shows the mistake. */
  private async shorten(key: string, whole: readonly Step[], first: Played[]): Promise<Played[]> {
    const at = first.findIndex(({ findings }) => findings.some((one) => one.key === key));
    let best = first.slice(0, at + 1);
    // The same requests may be fast when they are repeated.
    if (key.endsWith(SLOW)) return best;
    let steps = whole.slice(0, at + 1);
    let tries = 0;
    for (let size = Math.ceil(steps.length / 2); tries < SHORTENINGS; size = Math.ceil(size / 2)) {
      for (let start = steps.length - 1; start >= 0 && tries < SHORTENINGS; start -= size) {
        const fewer = steps.toSpliced(Math.max(0, start - size), Math.min(size, start));
        if (fewer.length === steps.length) continue;
        tries += 1;
        const played = await this.player.play(fewer);
        if (!shows(played, key)) continue;
        [steps, best] = [fewer, played];
      }
      if (size === 1) break;
    }
    return best;
  }
}

const shows = (played: readonly Played[], key: string): boolean =>
  played.some(({ findings }) => findings.some((one) => one.key === key));

function newFindings(played: readonly Played[], known: ReadonlySet<string>): Map<string, Finding> {
  const all = played.flatMap(({ findings }) => findings).filter(({ key }) => !known.has(key));
  return new Map(all.toReversed().map((one) => [one.key, one]));
}
