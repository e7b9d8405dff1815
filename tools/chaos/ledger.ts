import type { components } from '@hale/client';
import { type Marks, marksOf } from './values.js';

type Schemas = components['schemas'];
export interface Push {
  readonly mutations: readonly Schemas['Mutation'][];
}
type Change = Schemas['Change'];

/** A time zone that does not exist. Only the service can tell: the client refuses other mistakes by itself. */
export const NONSENSE = 'Mars/Olympus';

/** A mutation that the service has answered. */
export interface Acknowledged {
  readonly device: number;
  readonly seq: number;
  readonly key: string;
  readonly op: string;
  readonly base: number | undefined;
  readonly marks: Marks;
  readonly status: string;
  /** The resulting version in its first answer. */
  readonly version: number | undefined;
}

/** An edit of a person on one device. */
export interface Entered {
  readonly device: number;
  readonly key: string;
  /** Undefined if everything was deleted or discarded. */
  readonly marks: Marks | undefined;
  /** Whether it has an invalid value. It may be refused, but it replaces what the device had not sent yet. */
  readonly isInvalid?: true;
}

export const keyOf = (kind: string, id: string): string => `${kind}/${id}`;

/**
 * Records the requests and answers that the devices of one account saw, and the edits of the person. It knows nothing of the
 * implementation of service and client, so both can be checked against it.
 */
export class Ledger {
  readonly acknowledged = new Map<string, Acknowledged>();
  readonly entered: Entered[] = [];
  /** All values that any request contained, answered or not. */
  readonly said = new Set<string>();
  /** The values of a record at a version. */
  private readonly states = new Map<string, Marks>();
  /** Records whose creation was refused and not sent again yet. */
  private readonly unmade = new Set<string>();
  readonly problems: string[] = [];

  enter(device: number, kind: string, id: string, fields?: object): void {
    this.entered.push({ device, key: keyOf(kind, id), marks: fields && marksOf(kind, { ...fields }) });
  }

  enterInvalid(device: number, kind: string, id: string, fields: object): void {
    const marks = marksOf(kind, { ...fields });
    this.entered.push({ device, key: keyOf(kind, id), marks, isInvalid: true });
  }

  /** The waiting edits of a record were discarded and may be missing. */
  giveUp(device: number, kind: string, id: string): void {
    this.entered.push({ device, key: keyOf(kind, id), marks: undefined });
  }

  /** Called before it is known whether the request arrives. */
  sending(kind: string, fields: object): void {
    for (const mark of marksOf(kind, { ...fields }).values()) this.said.add(mark);
  }

  answered(device: number, { mutations }: Push, { results }: Schemas['PushResult']): void {
    if (results.length !== mutations.length)
      this.problems.push(`${mutations.length} mutations, ${results.length} results`);
    for (const [index, mutation] of mutations.entries()) {
      const result = results[index];
      if (!result || result.mutation_id !== mutation.mutation_id)
        this.problems.push(`result ${index} is not of ${mutation.mutation_id}`);
      else {
        if (!this.isDue(mutation, result, { mutations, results }))
          this.problems.push(
            `${mutation.op} of ${keyOf(mutation.kind, mutation.id)} was ${result.status} ${result.error?.code ?? ''}`,
          );
        this.acknowledge(device, mutation, result);
      }
    }
  }

  pulled(changes: readonly Change[]): void {
    for (const { kind, id, version, data } of changes)
      this.states.set(stateKey(keyOf(kind, id), version), data ? marksOf(kind, { ...data }) : new Map());
  }

  stateAt(key: string, version: number | undefined): Marks | undefined {
    return version === undefined ? undefined : this.states.get(stateKey(key, version));
  }

  /** Only an invalid value may be refused, and the edits in its group or on top of it; nothing is ever purged. */
  private isDue(
    { kind, id, group_id, fields }: Schemas['Mutation'],
    { status, error }: Schemas['MutationResult'],
    { mutations, results }: Pick<Push, 'mutations'> & Pick<Schemas['PushResult'], 'results'>,
  ): boolean {
    if (fields && 'time_zone' in fields && fields.time_zone === NONSENSE) return status === 'rejected';
    if (status === 'gone') return false;
    if (status !== 'rejected') return true;
    if (error?.code === 'record-gone') return this.unmade.has(keyOf(kind, id));
    const isToBlame = (index: number): boolean =>
      mutations[index]?.group_id === group_id && results[index]?.error?.code !== 'group-rejected';
    return error?.code === 'group-rejected' && results.some((_, index) => isToBlame(index));
  }

  private acknowledge(
    device: number,
    mutation: Schemas['Mutation'],
    result: Schemas['MutationResult'],
  ): void {
    const { mutation_id, client_seq, kind, id, op, base_version, fields } = mutation;
    const { status, version, record } = result;
    if (record) this.pulled([record]);
    if (op === 'create') this.unmade[status === 'rejected' ? 'add' : 'delete'](keyOf(kind, id));
    if (status === 'rejected' || this.acknowledged.has(mutation_id)) return;
    const marks = marksOf(kind, { ...fields });
    const base = base_version ?? undefined;
    const key = keyOf(kind, id);
    const isFirst = status !== 'duplicate' && version !== undefined;
    this.acknowledged.set(mutation_id, {
      device,
      seq: client_seq,
      key,
      op,
      base,
      marks,
      status,
      version: isFirst ? version : undefined,
    });
    const before = op === 'create' ? new Map() : this.stateAt(key, base);
    if (status !== 'applied' || version !== (base ?? 0) + 1 || !before) return;
    this.states.set(stateKey(key, version), op === 'delete' ? new Map() : new Map([...before, ...marks]));
  }
}

const stateKey = (key: string, version: number): string => `${key}@${version}`;
