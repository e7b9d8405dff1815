import fc from 'fast-check';
import { FAULTS } from './network.js';
import { Violation } from './properties.js';
import { RULES, type Rules } from './rules.js';
import { type Step, World } from './world.js';

export type Scenario = 'faults' | 'purge' | 'restore';

const CLIENTS = 3;
const client = fc.nat(CLIENTS - 1);
const pick = fc.nat(7);
const skew = fc.oneof(fc.constantFrom(-500, -20, 0, 20, 500), fc.integer({ min: -500, max: 500 }));

const write = fc.record({
  type: fc.constant('write' as const),
  client,
  op: fc.constantFrom(
    'create' as const,
    'update' as const,
    'update' as const,
    'update' as const,
    'delete' as const,
    'revive' as const,
  ),
  pick,
  groups: fc.constantFrom(1, 2, 3, 3),
});
const request = fc.record({
  type: fc.constant('request' as const),
  client,
  fault: fc.constantFrom(...FAULTS),
});
const sync = fc.record({ type: fc.constant('sync' as const), client });
const wait = fc.record({ type: fc.constant('wait' as const), time: fc.constantFrom(1, 5, 20, 150) });
const clock = fc.record({ type: fc.constant('clock' as const), client, skew });
const simple = <T extends string>(type: T) => fc.constant({ type });

const COMMON = [
  { arbitrary: write, weight: 8 },
  { arbitrary: request, weight: 8 },
  { arbitrary: sync, weight: 5 },
  { arbitrary: wait, weight: 2 },
  { arbitrary: clock, weight: 1 },
  { arbitrary: fc.record({ type: fc.constant('deliver' as const), pick }), weight: 1 },
  { arbitrary: simple('forget'), weight: 1 },
];

/*
 * No scenario has both a purge and a restore: together they are safe only while tombstones are kept longer than every backup
 * and every offline phone, which depends on days and not on the protocol. For the same reason these two restore no phones.
 */
const OWN = {
  faults: [
    { arbitrary: fc.record({ type: fc.constant('phone-backup' as const), client }), weight: 1 },
    { arbitrary: fc.record({ type: fc.constant('phone-restore' as const), client }), weight: 1 },
  ],
  purge: [{ arbitrary: simple('purge'), weight: 2 }],
  restore: [
    { arbitrary: simple('backup'), weight: 1 },
    { arbitrary: fc.record({ type: fc.constant('restore' as const), pick }), weight: 1 },
  ],
};

class Act implements fc.Command<object, World> {
  constructor(private readonly step: Step) {}

  check(): boolean {
    return true;
  }

  run(_: object, world: World): void {
    world.do(this.step);
  }

  toString(): string {
    return JSON.stringify(this.step);
  }
}

const property = (scenario: Scenario, rules: Rules) => {
  const steps = fc.oneof(...COMMON, ...OWN[scenario]) as fc.Arbitrary<Step>;
  const commands = fc.commands([steps.map((step) => new Act(step))], { maxCommands: 60, size: 'max' });
  return fc.property(fc.tuple(skew, skew, skew), commands, (skews, acts) => {
    const world = new World(rules, skews);
    fc.modelRun(() => ({ model: {}, real: world }), acts);
    world.heal();
  });
};

export interface Finding {
  /** The violated property. */
  readonly property: string;
  readonly runs: number;
  readonly details: string;
}

/** Searches for a counterexample. @returns undefined when there is none */
export function explore(
  scenario: Scenario,
  options: { seed: number; runs: number; rules?: Rules; shrinks?: boolean },
): Finding | undefined {
  const { seed, runs, rules = RULES, shrinks = true } = options;
  const details = fc.check(property(scenario, rules), {
    seed,
    numRuns: runs,
    endOnFailure: !shrinks,
    verbose: 0,
  });
  if (!details.failed) return undefined;
  const error = details.errorInstance;
  if (!(error instanceof Violation)) throw error;
  const text = `${error.message}\n  HALE_SEED=${seed}, run ${details.numRuns}, ${String(details.counterexample)}`;
  return { property: error.property, runs: details.numRuns, details: text };
}
