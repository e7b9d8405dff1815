import type { components, paths } from './schema.js';

/* The types of the protocol, taken from the OpenAPI document. */

type Schemas = components['schemas'];

/** Fields of any kind, by name. */
export type Fields = Readonly<Record<string, unknown>>;
export type Operation = Schemas['MutationOp'];

/** Of any kind: an app may keep records of a kind that is newer than this package. */
export type Mutation = Readonly<Omit<Schemas['Mutation'], 'kind' | 'fields'>> & {
  readonly kind: string;
  readonly fields?: Fields;
};
/** This client pulls before it pushes, so it always knows an epoch. */
export type PushRequest = Readonly<Omit<Schemas['Push'], 'epoch' | 'mutations'>> & {
  readonly epoch: string;
  readonly mutations: readonly Mutation[];
};
export type PushAnswer = Readonly<Schemas['PushResult']>;
export type Result = Readonly<Schemas['MutationResult']>;
/** The server's state of a record; a deleted one has no data. */
export type Change = Readonly<Omit<Schemas['Change'], 'kind' | 'data'>> & {
  readonly kind: string;
  readonly data?: Fields;
};
/** Why an edit was refused. */
export type Refusal = Readonly<Omit<Schemas['MutationError'], 'field'>> & { readonly field?: string };

export type PullQuery = Readonly<NonNullable<paths['/api/sync/pull']['get']['parameters']['query']>>;
export type PullAnswer = Readonly<Schemas['Pull']>;

export type ConflictSide = Readonly<Schemas['ConflictSide']>;
/** Two versions of a record: the winner and the loser. */
export type ConflictData = Readonly<Schemas['ConflictData']>;
