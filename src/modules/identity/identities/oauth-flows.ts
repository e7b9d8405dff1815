import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { MoreThan, Repository } from 'typeorm';
import { Problem } from '../../../kernel/http/problem.js';
import { Clock } from '../../../platform/clock.js';
import { isMissingParent } from '../../../platform/database/errors.js';
import { SecretBox } from '../../../platform/secrets/secret-box.js';
import type { ProviderName } from '../providers/provider.js';
import { OAuthFlow } from './oauth-flow.entity.js';
import { removeExpired } from './remove-expired.js';
import { digest } from '../../../platform/random-token.js';

const LIFETIME_MS = 10 * 60_000;
const PURPOSE = 'oauth flow';

/** The request of the app. */
export interface AppRequest {
  readonly provider: ProviderName;
  readonly appLink: string;
  readonly appChallenge: string;
  /** The person who links the identity; null for a sign-in. */
  readonly linkerId: string | null;
}

/** Values known only to this service and the provider. */
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

/** Flows under way: each is finished once, and by the browser that began it. */
@Injectable()
export class OAuthFlows {
  constructor(
    @InjectRepository(OAuthFlow) private readonly flows: Repository<OAuthFlow>,
    private readonly clock: Clock,
    private readonly box: SecretBox,
  ) {}

  /** Joins the caller's unit of work. @throws Problem `sign-in-flow-broken` when the account of the person who links was deleted */
  async begin({ state, browser, verifier, nonce, ...request }: NewFlow): Promise<void> {
    const now = this.clock.now();
    const stateHash = digest(state);
    const secrets: Secrets = { verifier, nonce };
    await removeExpired(this.flows, 'stateHash', new Date(now));
    await this.insert({
      ...request,
      stateHash,
      browserHash: digest(browser),
      secrets: this.box.seal(PURPOSE, JSON.stringify(secrets), stateHash),
      expiresAt: new Date(now + LIFETIME_MS),
    });
  }

  /**
   * Redeems a flow, only for the browser that began it, so that nobody else can end it by guessing. Joins the caller's unit of work.
   * @throws Problem `sign-in-flow-broken`
   */
  async redeem(provider: ProviderName, state: string, browser: string): Promise<Flow> {
    const stateHash = digest(state);
    const flow = await this.flows.findOneBy({
      stateHash,
      provider,
      browserHash: digest(browser),
      expiresAt: MoreThan(this.clock.date()),
    });
    if (!flow) throw new Problem('sign-in-flow-broken');
    // The delete decides: of two requests with one state, one finds the row.
    const { affected } = await this.flows.delete({ stateHash });
    if (affected !== 1) throw new Problem('sign-in-flow-broken');
    const { secrets, appLink, appChallenge, linkerId } = flow;
    const opened = JSON.parse(this.box.open(PURPOSE, secrets, stateHash)) as Secrets;
    return { ...opened, provider, appLink, appChallenge, linkerId };
  }

  private async insert(flow: OAuthFlow): Promise<void> {
    try {
      await this.flows.insert(flow);
    } catch (error) {
      throw isMissingParent(error) ? new Problem('sign-in-flow-broken') : error;
    }
  }
}
