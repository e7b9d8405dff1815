import type { KindDefinition } from './rules.js';
import type { Transaction } from './storage/storage.js';
import type { Change, Fields, Mutation, Operation, Refusal } from './wire.js';

/** The server's copy of a record, as far as it is known. */
export interface RecordRow {
  readonly kind: string;
  readonly id: string;
  /** `seq` of the pulled state; '0' if only an own edit is known. */
  readonly seq: string;
  /** `seq` of an own edit that the server accepted and that was not pulled yet. */
  readonly acked?: string;
  /** The epoch of `seq`. */
  readonly epoch: string;
  readonly version: number;
  readonly deleted: boolean;
  readonly modified_at: string;
  readonly updated_at?: string;
  /** A tombstone keeps its data only while there are edits on top. */
  readonly data: Fields | null;
  /** The last bootstrap that contained it. */
  readonly seen?: string;
  readonly deleted_on?: number;
  /** It was pulled below waiting edits, so the person has not seen all of it. */
  readonly unseen?: true;
  /**
   * The fields of a prevailing value that was pulled below waiting edits, the one that decides first: the server keeps it, so the edits
   * hide it only with a prevailing value of their own.
   */
  readonly holds?: readonly string[];
  /** A deletion that the restored server lost: it is sent again if the record returns. */
  readonly orphan?: true;
}

/** An edit in the outbox. */
export interface OutboxRow {
  readonly client_seq: number;
  readonly mutation_id: string;
  readonly kind: string;
  readonly id: string;
  readonly op: Operation;
  readonly base_version?: number;
  readonly fields?: Fields;
  /** By the uncorrected clock of the device. */
  readonly edited_at: number;
  /** The time of an edit whose time the server already knows; sent unchanged. */
  readonly modified_at?: string;
  readonly group_id?: string;
  /** A copy that is sent again, and that the later edits of the record hide. */
  readonly unseen?: true;
  readonly state: 'pending' | 'sending' | 'rejected';
  readonly attempts: number;
  /** The body that was sent first, and is repeated until it is answered. */
  readonly sent?: Mutation;
  readonly error?: Refusal;
}

/** The sync state of an account. */
export interface Meta {
  readonly epoch?: string;
  readonly cursor?: string;
  readonly seq?: string;
  /** An unfinished bootstrap; records that it does not contain are removed at its end. */
  readonly boot?: { readonly id: string; readonly reason: 'first' | 'expired' | 'digest' | 'epoch' };
  /** An unfinished change of epoch. */
  readonly reset?: {
    readonly from_epoch: string;
    /** The server may have lost local changes after this `seq`. */
    readonly base: string;
  };
  readonly last_pulled_at?: number;
  readonly last_pushed_at?: number;
  readonly verified_at?: number;
}

/** Data of this installation. */
export interface Device {
  readonly client_id: string;
  readonly next_client_seq: number;
  /** The greatest number that was sent under this id: if the server knows a greater one, another installation has the same id. */
  readonly sent_client_seq: number;
  /** Milliseconds to add to the clock of the device. */
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

/** The name under which edits are kept while nobody is signed in. Accounts have UUIDs. */
export const GUEST = 'guest';

const DEFINITIONS = 'k/';

/**
 * Keeps the definitions of the app's kinds beside the records: a later version of the app, or another tab, may not name a kind of which
 * this device has records and edits.
 */
export async function keepDefinitions(
  transaction: Transaction,
  definitions: Iterable<KindDefinition>,
): Promise<void> {
  for (const definition of definitions) {
    const key = DEFINITIONS + definition.kind;
    const kept = await transaction.get(key);
    // A storage with a journal would grow at every start.
    if (JSON.stringify(kept) !== JSON.stringify(definition)) await transaction.put(key, definition);
  }
}

/** All stored data of one account, within a transaction. */
export class UserStore {
  /** @param kinds those of the app. */
  constructor(
    readonly transaction: Transaction,
    readonly user: string,
    private readonly kinds: ReadonlyMap<string, KindDefinition>,
  ) {}

  /** The rules of a kind: the app's own, or those of the version that last named the kind. */
  async rulesOf(kind: string): Promise<KindDefinition | undefined> {
    return this.kinds.get(kind) ?? (await this.transaction.get<KindDefinition>(DEFINITIONS + kind));
  }

  /** The kinds that this version of the app does not name and of which there are records here. */
  async leftKinds(): Promise<string[]> {
    const left: string[] = [];
    for (const { kind } of await this.transaction.list<KindDefinition>(DEFINITIONS))
      if (!this.kinds.has(kind) && (await this.transaction.count(this.recordKey(kind, ''))) > 0)
        left.push(kind);
    return left;
  }

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

  /** Edits that wait to be sent, in their order. */
  outbox(limit?: number): Promise<OutboxRow[]> {
    return this.transaction.list(`o/${this.user}/`, limit);
  }

  outboxSize(): Promise<number> {
    return this.transaction.count(`o/${this.user}/`);
  }

  /** Edits that the server refused. */
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

  /** Replaces an edit by the same edit with another state or body. */
  async replaceEdit(old: OutboxRow, row: OutboxRow): Promise<void> {
    if (binOf(old) !== binOf(row) || old.client_seq !== row.client_seq) await this.dropEdit(old);
    await this.putEdit(row);
  }

  async dropEdit(row: OutboxRow): Promise<void> {
    await this.transaction.delete(`${binOf(row)}/${this.user}/${padded(row.client_seq)}`);
    await this.transaction.delete(this.markKey(row.kind, row.id, padded(row.client_seq)));
  }

  /** Deletes all data of this account from the device. */
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

/** The newest known `seq` of this state of the record. */
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
