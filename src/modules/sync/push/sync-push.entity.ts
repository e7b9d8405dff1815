import { Entity, Index } from 'typeorm';
import {
  counterColumn,
  counterKey,
  instantColumn,
  largeJsonColumn,
  ownerKey,
  textKey,
} from '../../../platform/database/columns.js';
import { NotARecord } from '../../../platform/database/not-a-record.js';

/** Result of one mutation. Its `client_seq` is the key; id and hash show whether a retry is the same mutation. */
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
 * Results of the mutations of one request, so that a retry gets the same answer. One row per request: the ranges of a
 * client's requests never overlap. Kept for some weeks; `SyncClient` keeps the last position for longer.
 */
@NotARecord('results of pushes')
@Entity('sync_pushes')
@Index('idx_sync_pushes_created', ['createdAt'])
export class SyncPush {
  @ownerKey('fk_sync_pushes_user') userId!: string;
  @textKey(64) clientId!: string;
  /** The greatest `client_seq` in the request. */
  @counterKey() lastSeq!: number;
  /** The smallest `client_seq` in the request. */
  @counterColumn() firstSeq!: number;
  @largeJsonColumn() mutations!: readonly LoggedMutation[];
  @instantColumn() createdAt!: Date;
}
