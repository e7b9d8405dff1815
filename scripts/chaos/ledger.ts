import type { components } from '@hale/client';
import { type Marks, marksOf } from './values.js';

type Schemas = components['schemas'];
export interface Push {
  readonly mutations: readonly Schemas['MutationDto'][];
}
type Change = Schemas['ChangeDto'];

/** More than anybody weighs. */
export const NONSENSE = 5_000;

/** A mutation the service has answered. */
export interface Acknowledged {
  readonly device: number;
  readonly seq: number;
  readonly key: string;
  readonly op: string;
  readonly base: number | undefined;
  readonly marks: Marks;
  readonly status: string;
  /** The version it brought, when its first answer arrived. */
  readonly version: number | undefined;
}

/** What a person did, on one device. */
export interface Entered {
  readonly device: number;
  readonly key: string;
  /** None: all was deleted, or given up. */
  readonly marks: Marks | undefined;
}

export const keyOf = (kind: string, id: string): string => `${kind}/${id}`;

/**
 * What went over the wire as the devices of one account saw it, and what the person did there. It knows nothing of how
 * the service or the client work: it is what they are judged by.
 */
export class Ledger {
  readonly acknowledged = new Map<string, Acknowledged>();
  readonly entered: Entered[] = [];
  /** What any request said, answered or not. */
  readonly said = new Set<string>();
  /** What a record said at a version. */
  private readonly states = new Map<string, Marks>();
  /** Records whose creation was refused, and was not sent again yet. */
  private readonly unmade = new Set<string>();
  readonly problems: string[] = [];

  enter(device: number, kind: string, id: string, fields?: object): void {
    this.entered.push({ device, key: keyOf(kind, id), marks: fields && marksOf(kind, { ...fields }) });
  }

  /** Whatever was waiting of a record is not owed any more. */
  giveUp(device: number, kind: string, id: string): void {
    this.entered.push({ device, key: keyOf(kind, id), marks: undefined });
  }

  /** Before it is known whether it arrives. */
  sending(kind: string, fields: object): void {
    for (const mark of marksOf(kind, { ...fields }).values()) this.said.add(mark);
  }

  answered(device: number, { mutations }: Push, { results }: Schemas['PushResultDto']): void {
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

  /** Nothing is refused but nonsense, and what was entered together with it or on top of it; nothing is ever purged. */
  private isDue(
    { kind, id, group_id, fields }: Schemas['MutationDto'],
    { status, error }: Schemas['MutationResultDto'],
    { mutations, results }: Pick<Push, 'mutations'> & Pick<Schemas['PushResultDto'], 'results'>,
  ): boolean {
    if (fields && 'weight_value' in fields && fields.weight_value === NONSENSE) return status === 'rejected';
    if (status === 'gone') return false;
    if (status !== 'rejected') return true;
    if (error?.code === 'record-gone') return this.unmade.has(keyOf(kind, id));
    const isToBlame = (index: number): boolean =>
      mutations[index]?.group_id === group_id && results[index]?.error?.code !== 'group-rejected';
    return error?.code === 'group-rejected' && results.some((_, index) => isToBlame(index));
  }

  private acknowledge(
    device: number,
    mutation: Schemas['MutationDto'],
    result: Schemas['MutationResultDto'],
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
