/**
 * How long a deletion is told. Longer than any backup that would be restored plus the longest time a phone is offline,
 * or what was deleted would return.
 */
export const TOMBSTONE_DAYS = 180;

/** How long the answers to mutations are remembered one by one. */
export const MUTATION_DAYS = 45;

/** How long a person may choose between two versions. */
export const CONFLICT_DAYS = 90;

const DAY_MS = 86_400_000;

/** @param now in milliseconds. */
export const daysBefore = (now: number, days: number): Date => new Date(now - days * DAY_MS);
