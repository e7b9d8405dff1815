import { Entity, Index } from 'typeorm';
import { NotARecord } from '../../kernel/records/record.js';
import {
  instantColumn,
  jsonColumn,
  ownerColumn,
  personColumn,
  textColumn,
  uuidKey,
} from '../../platform/database/columns.js';
import { LetsIn } from '../users/public.js';

/** A person lets another read some of their data, for a time. */
@NotARecord('who may read what')
@LetsIn()
@Entity('grants')
@Index('idx_grants_user', ['userId', 'createdAt'])
@Index('idx_grants_grantee', ['granteeId', 'userId'])
@Index('idx_grants_grantee_email', ['granteeEmail'])
export class Grant {
  @uuidKey() id!: string;
  /** Whose data it is. */
  @ownerColumn('fk_grants_user') userId!: string;
  /** As the person named them, normalised. */
  @textColumn(254) granteeEmail!: string;
  /** Who that is; null until an account has shown that the address is its own. From then on the address is not looked at. */
  @personColumn('fk_grants_grantee', { nullable: true }) granteeId!: string | null;
  @jsonColumn() scopes!: readonly string[];
  @instantColumn() createdAt!: Date;
  @instantColumn() expiresAt!: Date;
}
