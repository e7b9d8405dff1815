import type { Transaction } from './storage/storage.js';
import type { Change, Fields, Mutation, Operation, Refusal } from './wire.js';

/** A record as the server is known to have it. */
export interface RecordRow {
  readonly kind: string;
  readonly id: string;
  /** Of the state as it was pulled; '0' when it is known from an own edit only. */
  readonly seq: string;
  /** Of an own edit that the server took, and that has not come back by pull. */
  readonly acked?: string;
  /** In which `seq` counts. */
  readonly epoch: string;
  readonly version: number;
  readonly deleted: boolean;
  readonly modified_at: string;
  readonly updated_at?: string;
  /** A tombstone keeps it only while there are edits on top. */
  readonly data: Fields | null;
  /** The bootstrap that brought it last. */
  readonly seen?: string;
  readonly deleted_on?: number;
  /** A deletion the server lost when it was restored: it holds against a record that comes back. */
  readonly orphan?: true;
}

/** An edit on its way to the server. */
export interface OutboxRow {
  readonly client_seq: number;
  readonly mutation_id: string;
  readonly kind: string;
  readonly id: string;
  readonly op: Operation;
  readonly base_version?: number;
  readonly fields?: Fields;
  /** By the clock of the device, uncorrected. */
  readonly edited_at: number;
  /** Of an edit whose time the server knows: sent as it is. */
  readonly modified_at?: string;
  readonly group_id?: string;
  readonly state: 'pending' | 'sending' | 'rejected';
  readonly attempts: number;
  /** What was sent first, and is sent again until it is answered. */
  readonly sent?: Mutation;
  readonly error?: Refusal;
}

/** Where an account stands. */
export interface Meta {
  readonly epoch?: string;
  readonly cursor?: string;
  readonly seq?: string;
  /** A bootstrap that has not finished: what it did not bring is swept. */
  readonly boot?: { readonly id: string; readonly reason: 'first' | 'expired' | 'digest' | 'epoch' };
  /** A change of epoch that has not finished. */
  readonly reset?: {
    readonly from_epoch: string;
    /** What is here from after it may be lost on the server. */
    readonly base: string;
  };
  readonly last_pulled_at?: number;
  readonly last_pushed_at?: number;
  readonly verified_at?: number;
}

/** What this installation is. */
export interface Device {
  readonly client_id: string;
  readonly next_client_seq: number;
  /** The greatest number that was sent under this id: if the server knows a greater one, another has the id too. */
  readonly sent_client_seq: number;
  /** Milliseconds to add to the device's clock. */
  readonly server_offset: number;
}

const DEVICE = 'device';

export const readDevice = async (transaction: Transaction, makeId: () => string): Promise<Device> =>
  (await transaction.get<Device>(DEVICE)) ?? {
    client_id: makeId(),
    next_client_seq: 1,
    sent_client_seq: 0,
    server_offset: 0,
  };

export const writeDevice = (transaction: Transaction, device: Device): Promise<void> =>
  transaction.put(DEVICE, device);

const padded = (seq: number): string => String(seq).padStart(16, '0');

type Bin = 'o' | 'a';
const binOf = (row: OutboxRow): Bin => (row.state === 'rejected' ? 'a' : 'o');

/** Everything one account keeps here, within a transaction. */
export class UserStore {
  constructor(
    readonly transaction: Transaction,
    readonly user: string,
  ) {}

  async meta(): Promise<Meta> {
    return (await this.transaction.get<Meta>(`m/${this.user}`)) ?? {};
  }

  async update(changes: Partial<Meta>): Promise<Meta> {
    const meta = { ...(await this.meta()), ...changes };
    await this.transaction.put(`m/${this.user}`, meta);
    return meta;
  }

  record(kind: string, id: string): Promise<RecordRow | undefined> {
    return this.transaction.get(this.recordKey(kind, id));
  }

  records(kind: string): Promise<RecordRow[]> {
    return this.transaction.list(this.recordKey(kind, ''));
  }

  putRecord(row: RecordRow): Promise<void> {
    return this.transaction.put(this.recordKey(row.kind, row.id), row);
  }

  dropRecord(kind: string, id: string): Promise<void> {
    return this.transaction.delete(this.recordKey(kind, id));
  }

  /** Edits that wait for the server, in their order. */
  outbox(limit?: number): Promise<OutboxRow[]> {
    return this.transaction.list(`o/${this.user}/`, limit);
  }

  outboxSize(): Promise<number> {
    return this.transaction.count(`o/${this.user}/`);
  }

  /** Edits the server refused. */
  rejected(): Promise<OutboxRow[]> {
    return this.transaction.list(`a/${this.user}/`);
  }

  rejectedSize(): Promise<number> {
    return this.transaction.count(`a/${this.user}/`);
  }

  /** All edits of one record, in their order. */
  async editsOf(kind: string, id: string): Promise<OutboxRow[]> {
    const marks = await this.transaction.list<{ key: string }>(this.markKey(kind, id, ''));
    const rows = await Promise.all(marks.map(({ key }) => this.transaction.get<OutboxRow>(key)));
    return rows.filter((row) => row !== undefined);
  }

  /** All edits of the records of a kind, by record. */
  async editsIn(kind: string): Promise<Map<string, OutboxRow[]>> {
    const rows = [...(await this.rejected()), ...(await this.outbox())];
    const byRecord = new Map<string, OutboxRow[]>();
    for (const row of rows.toSorted((a, b) => a.client_seq - b.client_seq))
      if (row.kind === kind) byRecord.set(row.id, [...(byRecord.get(row.id) ?? []), row]);
    return byRecord;
  }

  async putEdit(row: OutboxRow): Promise<void> {
    const key = `${binOf(row)}/${this.user}/${padded(row.client_seq)}`;
    await this.transaction.put(key, row);
    await this.transaction.put(this.markKey(row.kind, row.id, padded(row.client_seq)), { key });
  }

  /** The same edit in another state or with another body. */
  async replaceEdit(old: OutboxRow, row: OutboxRow): Promise<void> {
    if (binOf(old) !== binOf(row) || old.client_seq !== row.client_seq) await this.dropEdit(old);
    await this.putEdit(row);
  }

  async dropEdit(row: OutboxRow): Promise<void> {
    await this.transaction.delete(`${binOf(row)}/${this.user}/${padded(row.client_seq)}`);
    await this.transaction.delete(this.markKey(row.kind, row.id, padded(row.client_seq)));
  }

  /** Nothing of this account stays on the device. */
  async erase(): Promise<void> {
    for (const prefix of ['r', 'o', 'a', 'x']) await this.transaction.clear(`${prefix}/${this.user}/`);
    await this.transaction.delete(`m/${this.user}`);
  }

  private recordKey(kind: string, id: string): string {
    return `r/${this.user}/${kind}/${id}`;
  }

  private markKey(kind: string, id: string, seq: string): string {
    return `x/${this.user}/${kind}/${id}/${seq}`;
  }
}

/** The newest place in the server's order that this state of the record is known to have. */
export function newestSeq({ seq, acked }: RecordRow): bigint {
  const [pulled, own] = [BigInt(seq), BigInt(acked ?? 0)];
  return pulled > own ? pulled : own;
}

export const rowOf = (change: Change, epoch: string, extra: Partial<RecordRow>): RecordRow => ({
  kind: change.kind,
  id: change.id,
  seq: change.seq,
  epoch,
  version: change.version,
  deleted: change.deleted,
  modified_at: change.modified_at,
  ...(change.updated_at !== undefined && { updated_at: change.updated_at }),
  data: change.data ?? null,
  ...extra,
});
