export { seededRandom } from '../../tools/support/random.js';

/** Chooses the seed of this run and prints it, so that a failing run can be repeated. HALE_SEED sets it. */
export function chooseSeed(): number {
  const seed = Number(process.env['HALE_SEED'] ?? Date.now() % 1_000_000_000);
  console.log(`seed ${seed} (HALE_SEED=${seed} repeats this run)`);
  return seed;
}
