import { Injectable } from '@nestjs/common';
import { Strategy } from 'passport-google-oauth20';
import { Config } from '../../../config/config.js';
import { Problem } from '../../../kernel/http/problem.js';
import { Discovery } from './discovery.js';
import { issuesAddress } from './email-authority.js';
import { emailOf, isTrue } from './email-claim.js';
import { IdTokens } from './id-tokens.js';
import { type BrowserClient, type ExternalIdentity, Provider, type ProviderTokens } from './provider.js';

@Injectable()
export class Google extends Provider {
  readonly name = 'google';

  constructor(
    private readonly config: Config,
    private readonly discovery: Discovery,
    private readonly idTokens: IdTokens,
  ) {
    super();
  }

  get isConfigured(): boolean {
    return this.config.env.GOOGLE_CLIENT_ID !== undefined;
  }

  async browserClient(): Promise<BrowserClient> {
    const { GOOGLE_CLIENT_ID: id = '', GOOGLE_CLIENT_SECRET: secret = '', GOOGLE_ISSUER } = this.config.env;
    const { authorizationUrl, tokenUrl } = await this.discovery.endpointsOf(GOOGLE_ISSUER);
    return {
      strategy: Strategy,
      authorizationURL: authorizationUrl,
      tokenURL: tokenUrl,
      clientID: id,
      clientSecret: secret,
      scope: ['openid', 'email'],
    };
  }

  identityOf({ idToken }: ProviderTokens, nonce: string): Promise<ExternalIdentity> {
    if (idToken === undefined) throw new Problem('invalid-id-token');
    return this.identityOfIdToken(idToken, nonce);
  }

  override async identityOfIdToken(idToken: string, nonce: string | undefined): Promise<ExternalIdentity> {
    const { GOOGLE_ISSUER: issuer, GOOGLE_CLIENT_ID: id = '', GOOGLE_MOBILE_CLIENT_IDS } = this.config.env;
    const { jwksUrl } = await this.discovery.endpointsOf(issuer);
    const claims = await this.idTokens.verify(idToken, {
      // Google signs under both names: https://accounts.google.com and accounts.google.com.
      issuers: [issuer, issuer.replace(/^https?:\/\//, '')],
      jwksUrl,
      audiences: [id, ...GOOGLE_MOBILE_CLIENT_IDS],
      nonce,
    });
    const email = emailOf(claims['email']);
    return {
      provider: this.name,
      issuer,
      subject: claims.sub,
      email,
      isEmailVerified: isTrue(claims['email_verified']),
      isAuthoritative: issuesAddress(this.name, email) || isDomain(claims['hd']),
    };
  }
}

/** Domain of a Google Workspace, which issues the addresses of its domain. */
const isDomain = (hd: unknown): boolean => typeof hd === 'string' && hd !== '';
