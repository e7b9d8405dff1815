/** A seeded generator (mulberry32): the seed is printed, so that a failing run can be repeated. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** HALE_SEED repeats a run. */
export function chooseSeed(): number {
  const seed = Number(process.env['HALE_SEED'] ?? Date.now() % 1_000_000_000);
  console.log(`seed ${seed} (HALE_SEED=${seed} repeats this run)`);
  return seed;
}
