export const GROUPS = ['value', 'note'] as const;
export type Fields = Readonly<Record<string, string>>;
export type Kind = 'record' | 'conflict';

export interface Mutation {
  readonly mutationId: string;
  readonly clientSeq: number;
  readonly id: string;
  readonly op: 'create' | 'update' | 'delete';
  readonly baseVersion?: number | undefined;
  readonly modifiedAt: number;
  readonly fields: Fields;
  /** True for a state that is sent again after a restore, if later edits of the client were made without knowledge of it. */
  readonly unseen?: boolean | undefined;
}

export interface Change {
  readonly kind: Kind;
  readonly id: string;
  readonly seq: number;
  readonly version: number;
  readonly deleted: boolean;
  readonly modifiedAt: number;
  readonly data: Fields | null;
}

export interface Cursor {
  readonly epoch: string;
  readonly seq: number;
  /** The progress of a bootstrap; undefined when it is finished. */
  readonly fill: number | undefined;
}

export interface PullRequest {
  readonly type: 'pull';
  readonly cursor: Cursor | undefined;
  readonly epoch: string | undefined;
  readonly limit: number;
}

export interface PushRequest {
  readonly type: 'push';
  readonly clientId: string;
  readonly epoch: string;
  readonly clientTime: number;
  readonly mutations: readonly Mutation[];
}

/** Asks for the greatest number that the server has seen from a client. */
export interface StatusRequest {
  readonly type: 'status';
  readonly clientId: string;
}

export type Request = PullRequest | PushRequest | StatusRequest;

export interface Page {
  readonly type: 'page';
  readonly epoch: string;
  readonly changes: readonly Change[];
  readonly cursor: Cursor;
  readonly hasMore: boolean;
}

export type Status = 'applied' | 'merged' | 'duplicate' | 'superseded' | 'conflict' | 'gone' | 'rejected';

export interface Result {
  readonly mutationId: string;
  readonly status: Status;
  readonly version?: number;
  readonly modifiedAt?: number;
  readonly seq?: number;
  readonly record?: Change;
  readonly error?: 'client-seq-reused' | 'mutation-id-reused';
}

export interface PushAnswer {
  readonly type: 'results';
  readonly epoch: string;
  readonly lastClientSeq: number;
  readonly results: readonly Result[];
}

export interface StatusAnswer {
  readonly type: 'status';
  readonly lastClientSeq: number;
}

export type Problem =
  | { readonly type: 'epoch-changed'; readonly epoch: string; readonly baseSeq: number }
  | { readonly type: 'cursor-expired' };

export type Answer = Page | PushAnswer | StatusAnswer | Problem;
