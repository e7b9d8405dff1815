import { type Digest, EMPTY_DIGEST } from '../../src/kernel/records/digest.js';
import type { Merge, RecordState } from '../../src/kernel/records/merge.js';
import type { Change, Kind, Mutation, Status } from './wire.js';

export interface Row {
  readonly kind: Kind;
  readonly id: string;
  readonly seq: number;
  readonly state: RecordState;
}

export interface Logged {
  readonly clientSeq: number;
  readonly body: string;
  readonly status: Status;
  readonly at: number;
}

/** Everything a backup holds. */
export interface Data {
  seq: number;
  stamp: number;
  epoch: string;
  /** Epochs that ended, in their order, each with the place where the next one begins. */
  epochs: { epoch: string; base: number }[];
  floor: number;
  /** One row a record, at the place of its newest change. */
  rows: Map<string, Row>;
  /** By client: its greatest number, for ever; and by mutation what became of it, for a while. */
  last: Map<string, number>;
  log: Map<string, Logged>;
  digest: Digest;
}

export type Backup = Readonly<Data>;

/** What the properties watch. */
export interface Watch {
  /** A row has a new place. */
  committed(row: Row): void;
  /** A mutation took effect, or none. */
  merged(clientId: string, mutation: Mutation, event: MergeEvent): void;
  /** A page was answered: everything that changed between two places. */
  answered(page: { from: number; upTo: number; changes: readonly Change[] }): void;
  restored(): void;
  purged(id: string): void;
}

export interface MergeEvent {
  readonly time: number;
  /** Undefined when the record begins. */
  readonly before: RecordState | undefined;
  /** Undefined when the mutation was not merged. */
  readonly merge: Merge | undefined;
  readonly after: RecordState | undefined;
  readonly status: Status;
  /** Contents that were kept in a conflict. */
  readonly kept: readonly string[];
}

export const copy = (data: Backup): Data => ({
  ...data,
  epochs: [...data.epochs],
  rows: new Map(data.rows),
  last: new Map(data.last),
  log: new Map(data.log),
});

export const emptyData = (): Data => ({
  seq: 0,
  stamp: 0,
  epoch: 'e0',
  epochs: [],
  floor: 0,
  rows: new Map(),
  last: new Map(),
  log: new Map(),
  digest: EMPTY_DIGEST,
});

/** What makes a mutation another one. Not its base: that is forgotten when the epoch changes. */
export const bodyOf = (mutation: Mutation): string =>
  JSON.stringify({ ...mutation, clientSeq: 0, baseVersion: 0 });

export const living = (state: RecordState | undefined): number | undefined =>
  state && !state.deleted ? state.version : undefined;

export const changeOf = ({ kind, id, seq, state }: Row): Change => ({
  kind,
  id,
  seq,
  version: state.version,
  deleted: state.deleted,
  modifiedAt: state.stamp.time,
  data: state.deleted
    ? null
    : Object.fromEntries(Object.entries(state.groups).map(([name, { content }]) => [name, content])),
});
