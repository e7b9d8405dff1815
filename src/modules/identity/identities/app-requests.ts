import { Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import { Problem } from '../../../kernel/http/problem.js';
import { Clock } from '../../../platform/clock.js';
import { BrokenSealError, SecretBox } from '../../../platform/secrets/secret-box.js';
import type { ProviderName } from '../providers/provider.js';
import { Providers } from '../providers/providers.js';
import type { StartLinkDto } from './identities.dto.js';
import type { AppRequest } from './oauth-flows.js';

const PURPOSE = 'link ticket';
/** Time to get from the app to the browser on the same phone. */
const TICKET_MS = 60_000;
/** The S256 challenge of RFC 7636, 4.2. */
const CHALLENGE = /^[\w-]{43}$/;

interface Ticket {
  readonly userId: string;
  readonly expiresAt: number;
}

type Query = Readonly<Record<string, unknown>>;

/** The sign-in requests with which an app opens the browser. */
@Injectable()
export class AppRequests {
  constructor(
    private readonly config: Config,
    private readonly box: SecretBox,
    private readonly clock: Clock,
    private readonly providers: Providers,
  ) {}

  /**
   * Reads the query that the browser was opened with and ignores unknown parameters (RFC 6749, 3.1).
   * @throws Problem `redirect-not-allowed`, `malformed-request`, `sign-in-flow-broken` for a ticket that does not fit
   */
  read(provider: ProviderName, query: Query): AppRequest {
    const { redirect_uri: link, code_challenge: challenge, code_challenge_method: method, ticket } = query;
    this.requireAllowed(link);
    if (typeof challenge !== 'string' || !CHALLENGE.test(challenge) || method !== 'S256')
      throw new Problem('malformed-request', {
        detail: 'code_challenge must be the S256 of a code_verifier, and code_challenge_method be S256.',
      });
    const request = { provider, appLink: String(link), appChallenge: challenge };
    return { ...request, linkerId: ticket === undefined ? null : this.linkerOf(String(ticket), request) };
  }

  /**
   * The URL with which a person links an identity in a browser, which has no token.
   * @throws Problem `not-found` for a provider that is not configured, `redirect-not-allowed`
   */
  linkUrl(
    userId: string,
    { provider: asked, redirectUri: appLink, codeChallenge: appChallenge }: StartLinkDto,
  ): string {
    const { name: provider } = this.providers.get(asked);
    this.requireAllowed(appLink);
    const ticket: Ticket = { userId, expiresAt: this.clock.now() + TICKET_MS };
    const query = new URLSearchParams({
      redirect_uri: appLink,
      code_challenge: appChallenge,
      code_challenge_method: 'S256',
      ticket: this.box.seal(PURPOSE, JSON.stringify(ticket), contextOf({ provider, appLink, appChallenge })),
    });
    return `${this.config.env.PUBLIC_URL}/api/auth/${provider}?${query}`;
  }

  /** Compares exactly: a similar link may belong to another app (RFC 9700, 4.1.3). */
  private requireAllowed(link: unknown): void {
    if (!this.config.env.APP_LINKS.some((allowed) => allowed === link))
      throw new Problem('redirect-not-allowed');
  }

  private linkerOf(sealed: string, request: Omit<AppRequest, 'linkerId'>): string {
    try {
      const { userId, expiresAt } = JSON.parse(this.box.open(PURPOSE, sealed, contextOf(request))) as Ticket;
      if (expiresAt > this.clock.now()) return userId;
    } catch (error) {
      if (!(error instanceof BrokenSealError)) throw error;
    }
    throw new Problem('sign-in-flow-broken');
  }
}

/** Binds a ticket to the one request that it was issued for. */
const contextOf = ({ provider, appLink, appChallenge }: Omit<AppRequest, 'linkerId'>): string =>
  JSON.stringify([provider, appLink, appChallenge]);
