import { inject, describe, expect, it } from 'vitest';
import { playRound } from '../../tools/chaos/round.js';
import { createDatabase, hasDatabase } from '../support/database.js';

/** Seeds that once failed, with the defect they found. The first did not fail; it is the default. */
const SEEDS: readonly [seed: number, found: string][] = [[1, 'nothing yet']];

const SETUPS: readonly [setup: string, processes: number][] =
  inject('engine') === 'sqlite'
    ? [['a file', 1]]
    : [
        ['one process', 1],
        ['two processes', 2],
      ];

/** A short `npm run chaos`: devices edit the same records over bad networks while the service is killed. */
describe.runIf(hasDatabase())('chaos', () => {
  for (const [setup, processes] of SETUPS)
    it.each(SEEDS)(
      `E.2.3 P3 P7 P9 P12 all devices end equal and nothing is lost, on ${setup}: seed %i, %s`,
      async (seed) => {
        const database = await createDatabase();
        const { problems } = await playRound({
          databaseUrl: database.url,
          processes,
          seed: Number(process.env['HALE_SEED'] ?? seed),
          phones: 3,
          actions: 30,
          kills: 1,
        }).finally(() => database.drop());
        expect(problems).toEqual([]);
      },
    );
});
