import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { Problem } from '../../kernel/http/problem.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { describeError, Logger } from '../../platform/logger.js';
import {
  departure,
  exchange,
  type ExternalIdentity,
  type ProviderName,
  Providers,
  RefusedByPeer,
} from '../providers/public.js';
import { OAuthCodes } from './oauth-codes.js';
import { type AppRequest, type Flow, OAuthFlows } from './oauth-flows.js';
import { randomToken } from '../../platform/random-token.js';

/** What a provider's answer carries, in its query or its form. */
export interface ProviderAnswer {
  readonly state?: unknown;
  readonly code?: unknown;
  readonly error?: unknown;
}

/** Why there is no code, in the words of RFC 6749, 4.1.2.1. */
type FlowError = 'access_denied' | 'server_error' | 'temporarily_unavailable';

/** A sign-in in the browser: from the app to the provider, and back to the app with a one-time code. */
@Injectable()
export class BrowserFlowService {
  constructor(
    private readonly providers: Providers,
    private readonly flows: OAuthFlows,
    private readonly codes: OAuthCodes,
    private readonly unitOfWork: UnitOfWork,
    private readonly config: Config,
    private readonly logger: Logger,
  ) {}

  /** @returns where the browser goes, and the cookie it is known by when it comes back. @throws Problem `provider-unavailable` */
  async start(request: AppRequest): Promise<{ url: string; browser: string }> {
    const [state, nonce, browser] = [randomToken(), randomToken(), randomToken()];
    const client = await this.providers.get(request.provider).browserClient();
    const callbackUrl = this.callbackUrl(request.provider);
    const { url, verifier } = await departure(client, { callbackUrl, state, nonce });
    await this.unitOfWork.run(() => this.flows.begin({ ...request, state, browser, verifier, nonce }));
    return { url, browser };
  }

  /** @returns the link of the app, with a code or an error. @throws Problem `sign-in-flow-broken` */
  async finish(provider: ProviderName, answer: ProviderAnswer, browser: string): Promise<string> {
    const { state, code } = answer;
    if (typeof state !== 'string') throw new Problem('sign-in-flow-broken');
    const flow = await this.unitOfWork.run(() => this.flows.redeem(provider, state, browser));
    if (typeof code !== 'string' || answer.error !== undefined)
      return withParameter(flow.appLink, 'error', denied(answer.error));
    try {
      const identity = await this.identify(flow, code);
      const { appChallenge, linkerId } = flow;
      const ours = await this.unitOfWork.run(() => this.codes.issue({ identity, appChallenge, linkerId }));
      return withParameter(flow.appLink, 'code', ours);
    } catch (error) {
      const told = flowErrorOf(error);
      // The person only hears that it did not work; a wrong secret shows here, and nowhere else.
      this.logger.warn({ event: 'provider_failed', component: provider, ...describeError(error) }, told);
      return withParameter(flow.appLink, 'error', told);
    }
  }

  private async identify({ provider, verifier, nonce }: Flow, code: string): Promise<ExternalIdentity> {
    const peer = this.providers.get(provider);
    const client = await peer.browserClient();
    const tokens = await exchange(client, this.callbackUrl(provider), { code, verifier });
    return peer.identityOf(tokens, nonce);
  }

  private callbackUrl(provider: ProviderName): string {
    return `${this.config.env.PUBLIC_URL}/api/auth/${provider}/callback`;
  }
}

function withParameter(link: string, name: string, value: string): string {
  const url = new URL(link);
  url.searchParams.set(name, value);
  return url.href;
}

/** Apple has a word of its own for a person who turns back. */
const denied = (error: unknown): FlowError =>
  error === 'access_denied' || error === 'user_cancelled_authorize' ? 'access_denied' : 'server_error';

/** What a provider does wrong, or somebody made of its answer. @throws what is a failure of ours */
function flowErrorOf(error: unknown): FlowError {
  if (error instanceof Problem && error.code === 'provider-unavailable') return 'temporarily_unavailable';
  if (error instanceof RefusedByPeer || (error instanceof Problem && error.code === 'invalid-id-token'))
    return 'server_error';
  throw error;
}
