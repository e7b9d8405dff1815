import { createHash } from 'node:crypto';
import type { Hale } from '@hale/client';
import { digestOf, type Digest } from '../support/digest.js';

const FIELDS = {
  weight: ['weight_value', 'unit', 'timestamp'],
  meal: ['eaten_at', 'time_zone', 'meal_type', 'title', 'note', 'items'],
} as const;

export type Kind = keyof typeof FIELDS;
const KINDS = Object.keys(FIELDS) as Kind[];
const PAGE = 100;

/** A record as one holder knows it; id and version reveal duplicates. */
interface Known {
  readonly kind: Kind;
  readonly id: string;
  readonly version: number;
  readonly fields: object;
}

/** The records of one holder: a phone or the service. */
export interface Copy {
  readonly holder: string;
  /** One line per record, sorted. */
  readonly lines: readonly string[];
  /** By kind, the digest as in `/api/sync/digest`. */
  readonly digests: Readonly<Record<Kind, Digest>>;
}

export interface Proof {
  readonly copies: readonly Copy[];
  /** Descriptions of the differences; empty if all copies are equal. */
  readonly differences: readonly string[];
}

/** The service's records on a phone. Refused edits are left out; they wait for their owner. */
export async function copyOnPhone(holder: string, hale: Hale): Promise<Copy> {
  const records = await recordsOn(hale);
  const digests = { weight: digestOf(ofKind(records, 'weight')), meal: digestOf(ofKind(records, 'meal')) };
  return { holder, lines: linesOf(records), digests };
}

/** The same without digests, which take longer. */
export const linesOnPhone = async (hale: Hale): Promise<string[]> => linesOf(await recordsOn(hale));

async function recordsOn(hale: Hale): Promise<Known[]> {
  const records: Known[] = [];
  for (const kind of KINDS)
    for (const { id, version, fields } of await hale.records<Kind>(kind).list())
      if (version !== undefined) records.push({ kind, id, version, fields });
  return records;
}

/** The records of the service, from its lists and its digest, neither of which uses sync. */
export async function copyOnService({ api }: Hale): Promise<Copy> {
  const weights = await all((query) => api.GET('/api/health-metrics/weight', { params: { query } }));
  const meals = await all((query) => api.GET('/api/meals', { params: { query } }));
  const known = (kind: Kind) => (fields: { id: string; version: number }) => ({ kind, ...fields, fields });
  const lines = linesOf([...weights.map(known('weight')), ...meals.map(known('meal'))]);
  const query = { kinds: KINDS.join() };
  const { data } = await api.GET('/api/sync/digest', { params: { query } });
  const digest = (kind: Kind): Digest =>
    data?.kinds.find((other) => other.kind === kind) ?? { count: 0, sum64: '0' };
  return { holder: 'service', lines, digests: { weight: digest('weight'), meal: digest('meal') } };
}

type Page<T> = Promise<{ readonly data?: { readonly data: readonly T[] }; readonly response: Response }>;

async function all<T>(page: (query: { limit: number; offset: number }) => Page<T>): Promise<T[]> {
  const found: T[] = [];
  for (;;) {
    const { data, response } = await page({ limit: PAGE, offset: found.length });
    if (!data) throw new Error(`the service answered ${response.status} to a list`);
    found.push(...data.data);
    if (data.data.length < PAGE) return found;
  }
}

const ofKind = (records: readonly Known[], kind: Kind): Known[] =>
  records.filter((record) => record.kind === kind);

const linesOf = (records: readonly Known[]): string[] =>
  records
    .map(({ kind, id, version, fields }) => {
      const values = fields as Readonly<Record<string, unknown>>;
      return JSON.stringify([kind, id, version, ...FIELDS[kind].map((name) => values[name] ?? null)]);
    })
    .toSorted();

export const sha256 = ({ lines }: Copy): string =>
  createHash('sha256').update(lines.join('\n')).digest('hex');

/** Compares with the first copy, record by record, and digest by digest. */
export function compare(first: Copy, ...others: readonly Copy[]): Proof {
  return { copies: [first, ...others], differences: others.flatMap((other) => difference(first, other)) };
}

function difference(one: Copy, other: Copy): string[] {
  const kinds = KINDS.filter((kind) => !sameDigest(one.digests[kind], other.digests[kind]));
  return [
    ...without(one.lines, other.lines).map((line) => `only ${one.holder} has ${line}`),
    ...without(other.lines, one.lines).map((line) => `only ${other.holder} has ${line}`),
    ...kinds.map((kind) => `${one.holder} and ${other.holder} have different digests of ${kind}`),
  ];
}

const sameDigest = (one: Digest, other: Digest): boolean =>
  one.count === other.count && one.sum64 === other.sum64;

/** Removes from `these` one equal line for each of `those`: repeated lines count. */
export function without(these: readonly string[], those: readonly string[]): string[] {
  const taken = new Map<string, number>();
  for (const line of those) taken.set(line, (taken.get(line) ?? 0) + 1);
  return these.filter((line) => {
    const left = taken.get(line) ?? 0;
    taken.set(line, left - 1);
    return left <= 0;
  });
}
