import { type View, viewOf } from './merge/view.js';
import type { OutboxRow, UserStore } from './store.js';

export interface Exported {
  readonly user: string;
  /** Records as the person sees them. */
  readonly records: Readonly<Record<string, readonly View[]>>;
  /** Edits that the server does not have. */
  readonly pending: readonly OutboxRow[];
  /** Edits that the server refused. */
  readonly needsAttention: readonly OutboxRow[];
}

/** Identifies an edit by id and content: an edit that is merged into it later changes the name. */
export const nameOf = ({ mutation_id, op, fields }: OutboxRow): string =>
  JSON.stringify([mutation_id, op, fields]);

export async function exportOf(store: UserStore, kinds: Iterable<string>): Promise<Exported> {
  const records: Record<string, View[]> = {};
  for (const kind of kinds) {
    const edits = await store.editsIn(kind);
    const copies = new Map((await store.records(kind)).map((copy) => [copy.id, copy]));
    const ids = new Set([...copies.keys(), ...edits.keys()]);
    records[kind] = [...ids].flatMap((id) => viewOf(copies.get(id), edits.get(id) ?? []) ?? []);
  }
  return { user: store.user, records, pending: await store.outbox(), needsAttention: await store.rejected() };
}
