import { createHash } from 'node:crypto';
import type { Measurement } from './measurement.js';

/** One entry as any holder knows it: the service's id and version make a doubled entry visible. */
export interface KnownEntry extends Measurement {
  readonly id: string;
  readonly version: number;
}

/** One holder of the history: a phone or the service. */
export interface Copy {
  readonly holder: string;
  readonly entries: readonly KnownEntry[];
}

export interface Proof {
  readonly rows: readonly { readonly holder: string; readonly count: number; readonly digest: string }[];
  /** What differs, in words; empty when all copies are equal. */
  readonly differences: readonly string[];
}

/** Compares the copies by a SHA-256 over their sorted content, and names what differs from the first. */
export function compare(first: Copy, ...others: readonly Copy[]): Proof {
  const rows = [first, ...others].map((copy) => ({
    holder: copy.holder,
    count: copy.entries.length,
    digest: createHash('sha256').update(canonical(copy).join('\n')).digest('hex'),
  }));
  return { rows, differences: others.flatMap((other) => difference(first, other)) };
}

const canonical = ({ entries }: Copy): string[] =>
  entries
    .map((entry) => {
      const instant = new Date(entry.timestamp).toISOString();
      return JSON.stringify([entry.id, instant, entry.weight_value, entry.unit, entry.version]);
    })
    .toSorted();

function difference(one: Copy, other: Copy): string[] {
  const [here, there] = [canonical(one), canonical(other)];
  return [
    ...without(here, there).map((entry) => `only ${one.holder} has ${entry}`),
    ...without(there, here).map((entry) => `only ${other.holder} has ${entry}`),
  ];
}

/** What is left of `these` after each of `those` has taken away one equal: repeated entries count. */
function without(these: readonly string[], those: readonly string[]): string[] {
  const taken = new Map<string, number>();
  for (const entry of those) taken.set(entry, (taken.get(entry) ?? 0) + 1);
  return these.filter((entry) => {
    const left = taken.get(entry) ?? 0;
    taken.set(entry, left - 1);
    return left <= 0;
  });
}
