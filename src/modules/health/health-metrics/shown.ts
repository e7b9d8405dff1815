import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Start } from '../../../kernel/http/page-reader.js';
import { bySource } from './reading-merge.js';

/*
 * Which of several readings of one kind and one minute are shown: those of the source that comes first in the person's order. All
 * are kept. The minute is one of UTC, which is one of every local time, too.
 */

/** How the readings of a person are chosen. */
export interface ShownRules {
  /** The person's order of sources. */
  readonly order: readonly string[];
  /** The kinds that are added up: all their readings are shown, because each counts for its own time. */
  readonly additive: readonly string[];
}

/** What decides whether a reading is shown. */
export interface ShownKey {
  readonly metric: string;
  readonly minute: number;
  readonly source: string;
}

/** Reads the sources of minutes. Returns each source of a minute once. */
export type SourcesOfMinutes = (minutes: readonly Minutes[]) => Promise<readonly ShownKey[]>;

/** Minutes of one kind. */
export interface Minutes {
  readonly metric: string;
  readonly minutes: readonly number[];
}

/** Rows of one step: others are served between two steps. */
const STEP = 200;

/** The minute of an instant since 1970. It is stored, because an index finds the other readings of a minute by it. */
export const minuteOf = (instant: Date): number => Math.floor(instant.getTime() / 60_000);

/**
 * Chooses the readings of one person that are shown. Give it the readings in the order of a list: what it read of a minute is kept
 * for the next call, so that the other readings of a minute are looked at once for each list, however many it has.
 */
export class ShownChoice {
  private first = new Map<string, string>();
  private readonly additive: ReadonlySet<string>;
  private readonly compare: (a: string, b: string) => number;

  constructor(
    { order, additive }: ShownRules,
    private readonly read: SourcesOfMinutes,
  ) {
    this.additive = new Set(additive);
    this.compare = bySource(order);
  }

  /** The source that is shown for each of these readings, in their order: its own if nothing comes before it. */
  async sourcesFor(keys: readonly ShownKey[]): Promise<string[]> {
    const known = this.first;
    const chosen = keys.filter(({ metric }) => !this.additive.has(metric));
    this.first = await this.firstOf(chosen.filter((key) => !known.has(nameOf(key))));
    for (const name of chosen.map(nameOf)) {
      const source = known.get(name);
      if (source !== undefined) this.first.set(name, source);
    }
    return keys.map((key) => this.first.get(nameOf(key)) ?? key.source);
  }

  /** Those that are shown. */
  async shownOf<Row>(rows: readonly Row[], keyOf: (row: Row) => ShownKey): Promise<Row[]> {
    const keys = rows.map(keyOf);
    const sources = await this.sourcesFor(keys);
    return rows.filter((_, index) => keys[index]?.source === sources[index]);
  }

  private async firstOf(keys: readonly ShownKey[]): Promise<Map<string, string>> {
    const first = new Map<string, string>();
    if (keys.length === 0) return first;
    for (const key of await this.read(minutesIn(keys))) {
      const best = first.get(nameOf(key));
      if (best === undefined || this.compare(key.source, best) < 0) first.set(nameOf(key), key.source);
    }
    return first;
  }
}

/** Unique: the name of a kind has no space. */
const nameOf = ({ metric, minute }: Omit<ShownKey, 'source'>): string => `${minute} ${metric}`;

function minutesIn(keys: readonly ShownKey[]): Minutes[] {
  const byMetric = new Map<string, Set<number>>();
  for (const { metric, minute } of keys) {
    const minutes = byMetric.get(metric) ?? new Set();
    byMetric.set(metric, minutes.add(minute));
  }
  return [...byMetric].map(([metric, minutes]) => ({ metric, minutes: [...minutes] }));
}

/** How a list is read of which some rows are left out. */
export interface ShownRows<Row> {
  readonly read: (start: Start, count: number) => Promise<Row[]>;
  readonly positionOf: (row: Row) => NonNullable<Start['after']>;
  readonly shownOf: (rows: readonly Row[]) => Promise<readonly Row[]>;
}

/** Reads on from a place, step by step, until there are `count` rows that are shown, or no more rows. */
export async function readShown<Row>(
  { after, offset }: Start,
  count: number,
  { read, positionOf, shownOf }: ShownRows<Row>,
): Promise<Row[]> {
  const shown: Row[] = [];
  // Where the first step leaves rows out, many more may be left out, so the next steps are whole ones.
  for (let [start, wanted] = [after, Math.min(offset + count, STEP)]; ; wanted = STEP) {
    const rows = await read({ after: start, offset: 0 }, wanted);
    shown.push(...(await shownOf(rows)));
    const last = rows.at(-1);
    if (shown.length >= offset + count || rows.length < wanted || !last) break;
    start = positionOf(last);
    await nextTurn();
  }
  return shown.slice(offset, offset + count);
}
