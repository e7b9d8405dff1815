import { Entity, Index } from 'typeorm';
import {
  bigintColumn,
  bigintKey,
  instantColumn,
  largeJsonColumn,
  ownerKey,
  textKey,
} from '../../platform/database/columns.js';
import { NotARecord } from '../../kernel/records/record.js';

/** What became of one mutation. Its place in the client's order is its identity; id and hash tell whether it is the same. */
export type LoggedMutation = readonly [
  clientSeq: number,
  mutationId: string,
  hash: string,
  status: string,
  kind: string,
  recordId: string,
  conflictId?: string | null,
  errorCode?: string,
  errorField?: string,
  errorMessage?: string,
];

/**
 * What became of the mutations of one request, so that a retry gets the same answer. One row a request: the places of
 * a client's requests never overlap. Kept for some weeks; `SyncClient` remembers the last place for longer.
 */
@NotARecord('answers to pushes')
@Entity('sync_pushes')
@Index('idx_sync_pushes_created', ['createdAt'])
export class SyncPush {
  @ownerKey('fk_sync_pushes_user') userId!: string;
  @textKey(64) clientId!: string;
  /** The greatest place in it. */
  @bigintKey() lastSeq!: bigint;
  /** The smallest. */
  @bigintColumn() firstSeq!: bigint;
  @largeJsonColumn() mutations!: readonly LoggedMutation[];
  @instantColumn() createdAt!: Date;
}
