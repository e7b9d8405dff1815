import { Entity, Index } from 'typeorm';
import { instantColumn, personColumn, textColumn, textKey } from '../../../platform/database/columns.js';
import type { ProviderName } from '../providers/provider.js';

/** A flow whose browser was sent to a provider and has not returned. */
@Entity('oauth_flows')
@Index('idx_oauth_flows_expires', ['expiresAt'])
@Index('idx_oauth_flows_linker', ['linkerId'])
export class OAuthFlow {
  /** SHA-256 of `state`, base64url, like all hashes here. */
  @textKey(43) stateHash!: string;
  @textColumn(16) provider!: ProviderName;
  /** Hash of the cookie of the browser that began the flow. */
  @textColumn(43) browserHash!: string;
  /** Our PKCE verifier and the nonce, sealed. */
  @textColumn(512) secrets!: string;
  /** The link that returns to the app. */
  @textColumn(512) appLink!: string;
  /** The app's own PKCE challenge, so that only the app that began the flow can exchange the code. */
  @textColumn(43) appChallenge!: string;
  /** The person who links the identity; null for a sign-in. */
  @personColumn('fk_oauth_flows_linker', { nullable: true }) linkerId!: string | null;
  @instantColumn() expiresAt!: Date;
}
