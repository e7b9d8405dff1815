import { type Digest, EMPTY_DIGEST } from '../../src/records/merge/digest.js';
import type { Merge, RecordState } from '../../src/records/merge/merge.js';
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

/** The data of a backup. */
export interface Data {
  seq: number;
  stamp: number;
  epoch: string;
  /** The epochs that ended, in order, each with the number at which the next one begins. */
  epochs: { epoch: string; base: number }[];
  floor: number;
  /** One row for each record, with the number of its newest change. */
  rows: Map<string, Row>;
  /** The greatest number of each client, kept for ever. `log` has the result of each mutation, kept for a limited time. */
  last: Map<string, number>;
  log: Map<string, Logged>;
  digest: Digest;
}

export type Backup = Readonly<Data>;

/** The events that the properties check. */
export interface Watch {
  /** A row got a new number. */
  committed(row: Row): void;
  /** A mutation was processed. */
  merged(clientId: string, mutation: Mutation, event: MergeEvent): void;
  /** A page was answered: all changes between two numbers. */
  answered(page: { from: number; upTo: number; changes: readonly Change[] }): void;
  restored(): void;
  purged(id: string): void;
}

export interface MergeEvent {
  readonly time: number;
  /** Undefined when the record did not exist before. */
  readonly before: RecordState | undefined;
  /** Undefined when the mutation was not merged. */
  readonly merge: Merge | undefined;
  readonly after: RecordState | undefined;
  readonly status: Status;
  /** The contents that were kept in a conflict, as `contentOf` names them. */
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

/** The content that identifies a mutation. Without its base version, which is removed when the epoch changes. */
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
