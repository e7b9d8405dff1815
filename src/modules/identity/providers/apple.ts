import { Injectable } from '@nestjs/common';
import { importPKCS8, SignJWT } from 'jose';
import OAuth2Strategy from 'passport-oauth2';
import { Config } from '../../../config/config.js';
import { Problem } from '../../../kernel/http/problem.js';
import { Clock } from '../../../platform/clock.js';
import { Discovery } from './discovery.js';
import { issuesAddress } from './email-authority.js';
import { emailOf, isTrue } from './email-claim.js';
import { IdTokens } from './id-tokens.js';
import { type BrowserClient, type ExternalIdentity, Provider, type ProviderTokens } from './provider.js';

const SECRET_SECONDS = 300;

@Injectable()
export class Apple extends Provider {
  readonly name = 'apple';

  constructor(
    private readonly config: Config,
    private readonly discovery: Discovery,
    private readonly idTokens: IdTokens,
    private readonly clock: Clock,
  ) {
    super();
  }

  get isConfigured(): boolean {
    return this.config.env.APPLE_CLIENT_ID !== undefined;
  }

  async browserClient(): Promise<BrowserClient> {
    const { APPLE_CLIENT_ID: id = '', APPLE_ISSUER } = this.config.env;
    const { authorizationUrl, tokenUrl } = await this.discovery.endpointsOf(APPLE_ISSUER);
    return {
      strategy: OAuth2Strategy,
      authorizationURL: authorizationUrl,
      tokenURL: tokenUrl,
      clientID: id,
      clientSecret: await this.clientSecret(),
      scope: ['openid', 'email'],
      // Apple sends the address only by form post.
      parameters: { response_mode: 'form_post' },
    };
  }

  identityOf({ idToken }: ProviderTokens, nonce: string): Promise<ExternalIdentity> {
    if (idToken === undefined) throw new Problem('invalid-id-token');
    return this.identityOfIdToken(idToken, nonce);
  }

  override async identityOfIdToken(idToken: string, nonce: string | undefined): Promise<ExternalIdentity> {
    const { APPLE_ISSUER: issuer, APPLE_CLIENT_ID: id = '', APPLE_MOBILE_CLIENT_IDS } = this.config.env;
    const { jwksUrl } = await this.discovery.endpointsOf(issuer);
    const audiences = [id, ...APPLE_MOBILE_CLIENT_IDS];
    const claims = await this.idTokens.verify(idToken, { issuers: [issuer], jwksUrl, audiences, nonce });
    const email = emailOf(claims['email']);
    return {
      provider: this.name,
      issuer,
      subject: claims.sub,
      email,
      isEmailVerified: isTrue(claims['email_verified']),
      // An Apple Account may have an address of any other mail service.
      isAuthoritative: issuesAddress(this.name, email),
    };
  }

  /** Apple issues no client secret but a key, which signs short-lived secrets. */
  private async clientSecret(): Promise<string> {
    const { APPLE_CLIENT_ID, APPLE_TEAM_ID, APPLE_KEY_ID, APPLE_PRIVATE_KEY, APPLE_ISSUER } = this.config.env;
    const now = Math.floor(this.clock.now() / 1_000);
    return new SignJWT()
      .setProtectedHeader({ alg: 'ES256', kid: APPLE_KEY_ID ?? '' })
      .setIssuer(APPLE_TEAM_ID ?? '')
      .setSubject(APPLE_CLIENT_ID ?? '')
      .setAudience(APPLE_ISSUER)
      .setIssuedAt(now)
      .setExpirationTime(now + SECRET_SECONDS)
      .sign(await importPKCS8(APPLE_PRIVATE_KEY ?? '', 'ES256'));
  }
}
