export { seededRandom } from '../../scripts/support/random.js';

/** The seed of this run, printed so that a failing one can be repeated; HALE_SEED chooses it. */
export function chooseSeed(): number {
  const seed = Number(process.env['HALE_SEED'] ?? Date.now() % 1_000_000_000);
  console.log(`seed ${seed} (HALE_SEED=${seed} repeats this run)`);
  return seed;
}
