import { Entity, Index } from 'typeorm';
import { NotARecord } from '../../../platform/database/not-a-record.js';
import { instantColumn, ownerColumn, textColumn, uuidKey } from '../../../platform/database/columns.js';
import { Credential } from '../users/credentials.js';
import type { ProviderName } from '../providers/provider.js';

/**
 * A provider account that can sign in to an account here. Its key is issuer and subject, never the address, because
 * addresses move from one person to another (OpenID Connect Core, 5.7).
 */
@NotARecord('accounts at providers')
@Credential({ alone: true })
@Entity('identities')
@Index('uq_identities_subject', ['issuer', 'subject'], { unique: true })
@Index('idx_identities_user', ['userId', 'createdAt'])
export class Identity {
  @uuidKey() id!: string;
  @ownerColumn('fk_identities_user') userId!: string;
  @textColumn(16) provider!: ProviderName;
  @textColumn(255) issuer!: string;
  @textColumn(255) subject!: string;
  /** The address that the provider last reported. It is only shown to the person; no decision uses it. */
  @textColumn(254, { nullable: true }) email!: string | null;
  @instantColumn() createdAt!: Date;
  @instantColumn() lastUsedAt!: Date;
}
