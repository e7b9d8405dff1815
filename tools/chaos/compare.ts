import { createClient, type Hale, MemoryStorage } from '@hale/client';
import { digestOf } from '../support/digest.js';
import { keyOf } from './ledger.js';
import type { Ending, KeptConflict } from './loss.js';
import type { Account } from './phone.js';
import { DEFINITIONS, KINDS, marksOf } from './values.js';

/** The same account on a new device. */
export async function freshClient(url: string, account: Account): Promise<Hale> {
  const hale = await createClient({ url, storage: new MemoryStorage(), kinds: DEFINITIONS, realtime: false });
  await hale.login(account);
  await hale.sync();
  return hale;
}

/** The records that a device shows, one per line. */
export async function shownBy(hale: Hale): Promise<string[]> {
  const lines: string[] = [];
  for (const kind of KINDS)
    for (const { id, version, fields } of await hale.records(kind as 'meal').list())
      lines.push(`${keyOf(kind, id)} v${version} ${sorted(fields)}`);
  for (const { id } of await hale.conflicts.list()) lines.push(keyOf('conflict', id));
  return lines.toSorted();
}

const sorted = (fields: object): string =>
  JSON.stringify(Object.fromEntries(Object.entries(fields).toSorted()));

/** The lines that only one of the two has. */
export function differences(name: string, own: readonly string[], others: readonly string[]): string[] {
  const [mine, theirs] = [new Set(own), new Set(others)];
  return [
    ...own.filter((line) => !theirs.has(line)).map((line) => `only ${name}: ${line}`),
    ...others.filter((line) => !mine.has(line)).map((line) => `not ${name}: ${line}`),
  ];
}

/** Differences between the service's digest and the digest of what a device shows. */
export async function digestDifferences(name: string, hale: Hale): Promise<string[]> {
  const { data } = await hale.api.GET('/api/sync/digest', { params: { query: { kinds: KINDS.join() } } });
  const problems: string[] = [];
  for (const kind of KINDS) {
    const own = digestOf(await hale.records(kind as 'meal').list());
    const theirs = data?.kinds.find((other) => other.kind === kind);
    if (own.count !== theirs?.count || own.sum64 !== theirs.sum64)
      problems.push(`digest of ${kind}: ${name} ${JSON.stringify(own)}, service ${JSON.stringify(theirs)}`);
  }
  return problems;
}

const PAGE = 100;

/** The state of the service, as a new device has it. */
export async function endingOf(fresh: Hale): Promise<Ending> {
  const live = new Map();
  for (const kind of KINDS)
    for (const { id, fields } of await fresh.records(kind as 'meal').list())
      live.set(keyOf(kind, id), marksOf(kind, { ...fields }));
  const conflicts: KeptConflict[] = [];
  for (let offset = 0; ; offset += PAGE) {
    const query = { limit: PAGE, offset };
    const { data } = await fresh.api.GET('/api/sync/conflicts', { params: { query } });
    for (const { record_kind, record_id, loser, resolution } of data?.data ?? [])
      conflicts.push({
        key: keyOf(record_kind, record_id),
        loser: marksOf(record_kind, { ...loser?.data }),
        resolution: resolution ?? null,
      });
    if ((data?.data.length ?? 0) < PAGE) return { live, conflicts };
  }
}
