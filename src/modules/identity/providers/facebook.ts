import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import OAuth2Strategy from 'passport-oauth2';
import { Config } from '../../../config/config.js';
import { Problem } from '../../../kernel/http/problem.js';
import { issuesAddress } from './email-authority.js';
import { emailOf } from './email-claim.js';
import { IdTokens } from './id-tokens.js';
import { getJson } from './peers.js';
import { type BrowserClient, type ExternalIdentity, Provider, type ProviderTokens } from './provider.js';

/** Version of the Graph API; each is supported for two years. */
const VERSION = 'v23.0';

@Injectable()
export class Facebook extends Provider {
  readonly name = 'facebook';

  constructor(
    private readonly config: Config,
    private readonly idTokens: IdTokens,
  ) {
    super();
  }

  get isConfigured(): boolean {
    return this.config.env.FACEBOOK_CLIENT_ID !== undefined;
  }

  async browserClient(): Promise<BrowserClient> {
    const { env } = this.config;
    return {
      strategy: OAuth2Strategy,
      authorizationURL: `${env.FACEBOOK_URL}/${VERSION}/dialog/oauth`,
      tokenURL: `${env.FACEBOOK_GRAPH_URL}/${VERSION}/oauth/access_token`,
      clientID: env.FACEBOOK_CLIENT_ID ?? '',
      clientSecret: env.FACEBOOK_CLIENT_SECRET ?? '',
      scope: ['email'],
    };
  }

  async identityOf({ accessToken }: ProviderTokens): Promise<ExternalIdentity> {
    const { FACEBOOK_GRAPH_URL, FACEBOOK_CLIENT_SECRET: secret = '' } = this.config.env;
    const url = new URL(`${FACEBOOK_GRAPH_URL}/${VERSION}/me`);
    // The proof binds the token to our app: Facebook refuses a token that was issued to another app.
    const proof = createHmac('sha256', secret).update(accessToken).digest('hex');
    url.search = String(new URLSearchParams({ fields: 'id,name,email', appsecret_proof: proof }));
    const person = (await getJson(url, { authorization: `Bearer ${accessToken}` })) as Record<
      string,
      unknown
    >;
    return this.identity(person['id'], person['email']);
  }

  /** The id_token of Limited Login on iOS. Its subject is the person's id in our app, as in the Graph API. */
  override async identityOfIdToken(idToken: string, nonce: string | undefined): Promise<ExternalIdentity> {
    const { FACEBOOK_CLIENT_ID: id = '', FACEBOOK_URL, FACEBOOK_LIMITED_URL } = this.config.env;
    const { sub, email } = await this.idTokens.verify(idToken, {
      // Facebook has used each of these names.
      issuers: [FACEBOOK_LIMITED_URL, FACEBOOK_URL, FACEBOOK_URL.replace('://www.', '://')],
      jwksUrl: `${FACEBOOK_LIMITED_URL}/.well-known/oauth/openid/jwks/`,
      audiences: [id],
      nonce,
    });
    return this.identity(sub, email);
  }

  /** Facebook does not report whether the address is verified, so it counts as unverified. */
  private identity(subject: unknown, email: unknown): ExternalIdentity {
    if (typeof subject !== 'string' || !/^\d{1,32}$/.test(subject)) throw new Problem('invalid-id-token');
    const address = emailOf(email);
    return {
      provider: this.name,
      issuer: this.config.env.FACEBOOK_URL,
      subject,
      email: address,
      isEmailVerified: false,
      isAuthoritative: issuesAddress(this.name, address),
    };
  }
}
