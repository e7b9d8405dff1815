import { Entity, Index } from 'typeorm';
import { NotARecord } from '../../kernel/records/record.js';
import { instantColumn, ownerColumn, textColumn, uuidKey } from '../../platform/database/columns.js';
import { LetsIn } from '../users/public.js';
import type { ProviderName } from '../providers/public.js';

/**
 * An account at a provider that signs in to an account here. It is known by who issues it and its subject there, never by
 * an address: addresses move from one person to another (OpenID Connect Core, 5.7).
 */
@NotARecord('accounts at providers')
@LetsIn({ alone: true })
@Entity('identities')
@Index('uq_identities_subject', ['issuer', 'subject'], { unique: true })
@Index('idx_identities_user', ['userId', 'createdAt'])
export class Identity {
  @uuidKey() id!: string;
  @ownerColumn('fk_identities_user') userId!: string;
  @textColumn(16) provider!: ProviderName;
  @textColumn(255) issuer!: string;
  @textColumn(255) subject!: string;
  /** As the provider said it last, for the person to recognise; it decides nothing. */
  @textColumn(254, { nullable: true }) email!: string | null;
  @instantColumn() createdAt!: Date;
  @instantColumn() lastUsedAt!: Date;
}
