import type { components, paths } from './schema.js';

/* The words of the protocol, taken from the OpenAPI document. */

type Schemas = components['schemas'];

/** Fields of any kind, by name. */
export type Fields = Readonly<Record<string, unknown>>;
export type Operation = Schemas['MutationOp'];

export type Mutation = Readonly<Omit<Schemas['MutationDto'], 'fields'>> & { readonly fields?: Fields };
export type PushRequest = Readonly<Omit<Schemas['PushDto'], 'mutations'>> & {
  readonly mutations: readonly Mutation[];
};
export type PushAnswer = Readonly<Schemas['PushResultDto']>;
export type Result = Readonly<Schemas['MutationResultDto']>;
/** A record as the server has it; without data it is deleted. */
export type Change = Readonly<Omit<Schemas['ChangeDto'], 'data'>> & { readonly data?: Fields };
/** Why an edit was refused. */
export type Refusal = Readonly<Omit<Schemas['MutationErrorDto'], 'field'>> & { readonly field?: string };

export type PullQuery = Readonly<NonNullable<paths['/api/sync/pull']['get']['parameters']['query']>>;
export type PullAnswer = Readonly<Schemas['PullDto']>;

export type Choice = Schemas['ConflictChoice'];
/** Two versions of a record, of which one holds. */
export type ConflictData = Readonly<Schemas['ConflictDataDto']>;
