import { change, requeue } from './edits.js';
import { bindMethods } from './bound.js';
import { copyOf } from './copy.js';
import { completed } from './kinds.js';
import { viewOf } from './merge/view.js';
import { HaleError } from './problem.js';
import type { StoreAccess } from './records.js';
import type { OutboxRow, UserStore } from './store.js';
import type { Fields, Operation, Refusal } from './wire.js';

/** An edit that the server refused, with the reason. */
export interface RefusedEdit {
  readonly id: string;
  readonly kind: string;
  readonly recordId: string;
  readonly op: Operation;
  readonly fields?: Fields;
  readonly editedAt: number;
  readonly problem: Refusal;
  /** Edits of one group are retried together, whichever of them is retried. */
  readonly group?: string;
}

/**
 * Edits that need a decision of the person. They are never sent unchanged automatically, and block no other edit. Edits that
 * were refused as a group are retried as a group.
 */
export class NeedsAttention {
  constructor(private readonly access: StoreAccess) {
    bindMethods(this);
  }

  list(): Promise<RefusedEdit[]> {
    return this.access.within(async (store) => (await store.rejected()).map(shown));
  }

  /** Sends it unchanged, for example after an update of the server. */
  retry(id: string): Promise<void> {
    return this.change(id, (store, row) => requeue(store, this.access.runtime, row));
  }

  /** Sends it with changed fields; fields that are left out do not change. @throws HaleError `invalid` */
  edit(id: string, changes: Fields): Promise<void> {
    const own = copyOf(changes);
    const { runtime } = this.access;
    return this.change(id, async (store, row) => {
      const { kind, op } = row;
      const shown = viewOf(await store.record(kind, row.id), await store.editsOf(kind, row.id));
      const rules = await store.rulesOf(kind);
      const { fields } = completed(rules, { op, fields: { ...row.fields, ...own } }, shown?.fields);
      const body = { op, ...(fields && { fields }), edited_at: runtime.now() };
      return requeue(store, runtime, await change(store, row, body));
    });
  }

  /** Deletes it. The others of its group stay and are sent without it. */
  discard(id: string): Promise<void> {
    return this.change(id, async (store, row) => {
      await store.dropEdit(row);
      return [row];
    });
  }

  /** @param work returns the changed edits. */
  private async change(
    id: string,
    work: (store: UserStore, row: OutboxRow) => Promise<readonly OutboxRow[]>,
  ): Promise<void> {
    const rows = await this.access.within(async (store) => {
      const row = (await store.rejected()).find(({ mutation_id }) => mutation_id === id);
      if (!row) throw new HaleError('not-found', `there is no edit ${id}`);
      return work(store, row);
    });
    this.access.edited(new Set(rows.map(({ kind }) => kind)));
  }
}

const shown = (row: OutboxRow): RefusedEdit => ({
  id: row.mutation_id,
  kind: row.kind,
  recordId: row.id,
  op: row.op,
  ...(row.fields && { fields: row.fields }),
  editedAt: row.edited_at,
  problem: row.error ?? { code: 'invalid', message: '' },
  ...(row.group_id !== undefined && { group: row.group_id }),
});
