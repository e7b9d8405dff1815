import { change, requeue } from './edits.js';
import { HaleError } from './problem.js';
import type { Desk } from './records.js';
import type { OutboxRow, UserStore } from './store.js';
import type { Fields, Operation, Refusal } from './wire.js';

/** An edit the server refused, and why. */
export interface RefusedEdit {
  readonly id: string;
  readonly kind: string;
  readonly recordId: string;
  readonly op: Operation;
  readonly fields?: Fields;
  readonly editedAt: number;
  readonly problem: Refusal;
  /** Edits with the same one go again together, whichever of them is retried. */
  readonly group?: string;
}

/**
 * Edits that wait for the person. They are never sent unchanged by themselves, and hold up nothing else. Those that were
 * refused as a group go again as one.
 */
export class NeedsAttention {
  constructor(private readonly desk: Desk) {}

  list(): Promise<RefusedEdit[]> {
    return this.desk.within(async (store) => (await store.rejected()).map(shown));
  }

  /** Sends it as it is: the server may be newer now. */
  retry(id: string): Promise<void> {
    return this.change(id, (store, row) => requeue(store, this.desk.runtime, row));
  }

  /** Sends it with other fields; those that are left out stay. */
  edit(id: string, fields: Fields): Promise<void> {
    const own = structuredClone(fields) as Fields;
    const { runtime } = this.desk;
    return this.change(id, async (store, row) => {
      const body = { op: row.op, fields: { ...row.fields, ...own }, edited_at: runtime.now() };
      return requeue(store, runtime, await change(store, row, body));
    });
  }

  /** Forgets it. The others of its group stay here, and go without it. */
  discard(id: string): Promise<void> {
    return this.change(id, async (store, row) => {
      await store.dropEdit(row);
      return [row];
    });
  }

  /** @param work returns the edits that are others now. */
  private async change(
    id: string,
    work: (store: UserStore, row: OutboxRow) => Promise<readonly OutboxRow[]>,
  ): Promise<void> {
    const rows = await this.desk.within(async (store) => {
      const row = (await store.rejected()).find(({ mutation_id }) => mutation_id === id);
      if (!row) throw new HaleError('not-found', `there is no refused edit ${id}`);
      return work(store, row);
    });
    this.desk.edited(new Set(rows.map(({ kind }) => kind)));
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
