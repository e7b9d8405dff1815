import { Entity, Index } from 'typeorm';
import { ownerKey } from '../../../platform/database/columns.js';
import { Conflict } from '../conflict.js';

@Entity('conflicts')
@Index('idx_conflicts_user_seq', ['userId', 'seq'])
@Index('idx_conflicts_user_created', ['userId', 'createdAt', 'id'])
@Index('idx_conflicts_user_status', ['userId', 'status', 'createdAt', 'id'])
export class PersonConflict extends Conflict {
  @ownerKey('fk_conflicts_user') userId!: string;
}
