import { Entity, Index } from 'typeorm';
import { NotARecord } from '../../../platform/database/not-a-record.js';
import {
  instantColumn,
  jsonColumn,
  ownerColumn,
  personColumn,
  textColumn,
  uuidKey,
} from '../../../platform/database/columns.js';
import { Credential } from '../users/credentials.js';

/** Permission for another person to read some of the owner's data for a time. */
@NotARecord('who may read what')
@Credential()
@Entity('grants')
@Index('idx_grants_user', ['userId', 'createdAt'])
@Index('idx_grants_grantee', ['granteeId', 'userId'])
@Index('idx_grants_grantee_created', ['granteeId', 'createdAt', 'id'])
@Index('idx_grants_grantee_email', ['granteeEmail'])
export class Grant {
  @uuidKey() id!: string;
  /** Owner of the data. */
  @ownerColumn('fk_grants_user') userId!: string;
  /** The address that the owner entered, normalised. */
  @textColumn(254) granteeEmail!: string;
  /** The account that verified the address; null until one has. After that the address is not used any more. */
  @personColumn('fk_grants_grantee', { nullable: true }) granteeId!: string | null;
  @jsonColumn() scopes!: readonly string[];
  @instantColumn() createdAt!: Date;
  @instantColumn() expiresAt!: Date;
}
