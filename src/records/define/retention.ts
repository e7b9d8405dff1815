/**
 * How long a tombstone is kept. It must be longer than the age of the oldest backup that is restored plus the longest time
 * that a phone is offline. Otherwise deleted records would return.
 */
export const TOMBSTONE_DAYS = 180;

/** How long the answer to each mutation is kept. */
export const MUTATION_DAYS = 45;

/** How long a person can choose between the two sides of a conflict. */
export const CONFLICT_DAYS = 90;

const DAY_MS = 86_400_000;

/** @param now in milliseconds since 1970. */
export const daysBefore = (now: number, days: number): Date => new Date(now - days * DAY_MS);
