import { describe, expect, it } from 'vitest';
import { chooseSeed } from '../support/random.js';
import { explore, type Scenario } from './scenario.js';

const seed = chooseSeed();
const RUNS = 300 * Number(process.env['HALE_RUNS'] ?? 1);

/** The whole protocol with all rules: nothing is lost, and all phones reach the same state. */
describe('the protocol', () => {
  it.each<[Scenario, string]>([
    ['faults', 'a bad network, wrong clocks and restored phones'],
    ['purge', 'purged tombstones'],
    ['restore', 'a server restored from backups, also while phones recover'],
  ])(
    '%s: keeps P1 to P8 with %s',
    (scenario) => {
      expect(explore(scenario, { seed, runs: RUNS })?.details).toBeUndefined();
    },
    3_600_000,
  );
});
