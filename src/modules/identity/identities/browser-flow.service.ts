import { Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import { Problem } from '../../../kernel/http/problem.js';
import { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import { describeError, Logger } from '../../../platform/logger.js';
import { authorizationUrl, exchange } from '../providers/browser-strategy.js';
import { type ExternalIdentity, type ProviderName } from '../providers/provider.js';
import { Providers } from '../providers/providers.js';
import { RefusedByPeer } from '../providers/peers.js';
import type { Destination } from './browser-cookie.js';
import { OAuthCodes } from './oauth-codes.js';
import { type AppRequest, type Flow, OAuthFlows } from './oauth-flows.js';
import { randomToken } from '../../../platform/random-token.js';

/** The parameters of a provider's answer, from its query or form. */
export interface ProviderAnswer {
  readonly state?: unknown;
  readonly code?: unknown;
  readonly error?: unknown;
}

/** Error codes of RFC 6749, 4.1.2.1. */
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

  /** @returns the URL of the provider, and the cookie that identifies the browser when it returns. @throws Problem `provider-unavailable` */
  async start(request: AppRequest): Promise<Destination> {
    const [state, nonce, browser] = [randomToken(), randomToken(), randomToken()];
    const client = await this.providers.get(request.provider).browserClient();
    const callbackUrl = this.callbackUrl(request.provider);
    const { url, verifier } = await authorizationUrl(client, { callbackUrl, state, nonce });
    await this.unitOfWork.run(() => this.flows.begin({ ...request, state, browser, verifier, nonce }));
    return { url, browser };
  }

  /** @returns the link of the app, with a code or an error; the cookie is not needed any more. @throws Problem `sign-in-flow-broken` */
  async finish(provider: ProviderName, answer: ProviderAnswer, browser: string): Promise<Destination> {
    const { state, code } = answer;
    if (typeof state !== 'string') throw new Problem('sign-in-flow-broken');
    const flow = await this.unitOfWork.run(() => this.flows.redeem(provider, state, browser));
    if (typeof code !== 'string' || answer.error !== undefined)
      return backTo(flow.appLink, 'error', denied(answer.error));
    try {
      const identity = await this.identify(flow, code);
      const { appChallenge, linkerId } = flow;
      const ours = await this.unitOfWork.run(() => this.codes.issue({ identity, appChallenge, linkerId }));
      return backTo(flow.appLink, 'code', ours);
    } catch (error) {
      const told = flowErrorOf(error);
      // The person learns only that the sign-in failed, so a wrong client secret is visible only in this log entry.
      this.logger.warn({ event: 'provider_failed', component: provider, ...describeError(error) }, told);
      return backTo(flow.appLink, 'error', told);
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

function backTo(appLink: string, name: 'code' | 'error', value: string): Destination {
  const url = new URL(appLink);
  url.searchParams.set(name, value);
  return { url: url.href, browser: null };
}

/** Apple uses its own error code when a person cancels. */
const denied = (error: unknown): FlowError =>
  error === 'access_denied' || error === 'user_cancelled_authorize' ? 'access_denied' : 'server_error';

/** Maps errors of the provider and manipulated answers to a code. @throws other errors */
function flowErrorOf(error: unknown): FlowError {
  if (error instanceof Problem && error.code === 'provider-unavailable') return 'temporarily_unavailable';
  if (error instanceof RefusedByPeer || (error instanceof Problem && error.code === 'invalid-id-token'))
    return 'server_error';
  throw error;
}
