import { Injectable } from '@nestjs/common';
import { Problem } from '../../kernel/http/problem.js';
import { Clock } from '../../platform/clock.js';
import { Database, instantText } from '../../platform/database/database.js';
import { isMissingParent } from '../../platform/database/errors.js';
import { Table } from '../../platform/database/table.js';
import { SecretBox } from '../../platform/secrets/secret-box.js';
import type { ProviderName } from '../providers/public.js';
import { OAuthFlow } from './oauth-flow.entity.js';
import { removeExpired } from './expired.js';
import { digest } from '../../platform/random-token.js';

const LIFETIME_MS = 10 * 60_000;
const PURPOSE = 'oauth flow';

/** What the app has asked for. */
export interface AppRequest {
  readonly provider: ProviderName;
  readonly appLink: string;
  readonly appChallenge: string;
  /** Who links the identity to their account; null for a sign-in. */
  readonly linkerId: string | null;
}

/** What only we and the provider know. */
interface Secrets {
  readonly verifier: string;
  readonly nonce: string;
}

export interface NewFlow extends AppRequest, Secrets {
  readonly state: string;
  /** The cookie of the browser. */
  readonly browser: string;
}

export type Flow = AppRequest & Secrets;

/** Browsers on their way: each comes back once, and is the one that went. */
@Injectable()
export class OAuthFlows {
  private readonly table: Table<OAuthFlow>;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly box: SecretBox,
  ) {
    this.table = new Table(database.writer, OAuthFlow);
  }

  /** Joins the caller's unit of work. @throws Problem `sign-in-flow-broken` when who wanted to link has left */
  async begin({ state, browser, verifier, nonce, ...request }: NewFlow): Promise<void> {
    const now = this.clock.now();
    const stateHash = digest(state);
    const secrets: Secrets = { verifier, nonce };
    await removeExpired(this.database, { table: 'oauth_flows', key: 'state_hash' }, new Date(now));
    await this.insert({
      ...request,
      stateHash,
      browserHash: digest(browser),
      secrets: this.box.seal(PURPOSE, JSON.stringify(secrets), stateHash),
      expiresAt: new Date(now + LIFETIME_MS),
    });
  }

  /**
   * Uses one up, by the browser that began it: nobody else ends it by guessing. Joins the caller's unit of work.
   * @throws Problem `sign-in-flow-broken`
   */
  async redeem(provider: ProviderName, state: string, browser: string): Promise<Flow> {
    const stateHash = digest(state);
    const [flow] = await this.table.select(
      this.database,
      'state_hash = ? AND provider = ? AND browser_hash = ? AND expires_at > ?',
      [stateHash, provider, digest(browser), instantText(this.clock.date())],
    );
    if (!flow) throw new Problem('sign-in-flow-broken');
    // The deletion decides: of two that come back with one state, one finds the row.
    const deleted = await this.database.execute('DELETE FROM oauth_flows WHERE state_hash = ?', [stateHash]);
    if (deleted === 0) throw new Problem('sign-in-flow-broken');
    const { secrets, appLink, appChallenge, linkerId } = flow;
    const opened = JSON.parse(this.box.open(PURPOSE, secrets, stateHash)) as Secrets;
    return { ...opened, provider, appLink, appChallenge, linkerId };
  }

  private async insert(flow: OAuthFlow): Promise<void> {
    try {
      await this.table.insert(this.database, [flow]);
    } catch (error) {
      throw isMissingParent(error) ? new Problem('sign-in-flow-broken') : error;
    }
  }
}
