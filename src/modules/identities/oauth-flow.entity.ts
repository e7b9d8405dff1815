import { Entity, Index } from 'typeorm';
import { instantColumn, personColumn, textColumn, textKey } from '../../platform/database/columns.js';
import type { ProviderName } from '../providers/public.js';

/** A browser that has gone to a provider and not come back yet. */
@Entity('oauth_flows')
@Index('idx_oauth_flows_expires', ['expiresAt'])
@Index('idx_oauth_flows_linker', ['linkerId'])
export class OAuthFlow {
  /** SHA-256 of `state`, base64url, as all hashes here. */
  @textKey(43) stateHash!: string;
  @textColumn(16) provider!: ProviderName;
  /** Of the cookie of the browser that went. */
  @textColumn(43) browserHash!: string;
  /** Our PKCE verifier and the nonce, sealed. */
  @textColumn(512) secrets!: string;
  /** Where the app takes over again. */
  @textColumn(512) appLink!: string;
  /** The app's own PKCE challenge: only who began gets something for the code. */
  @textColumn(43) appChallenge!: string;
  /** Who links the identity to their account; null for a sign-in. */
  @personColumn('fk_oauth_flows_linker', { nullable: true }) linkerId!: string | null;
  @instantColumn() expiresAt!: Date;
}
