import { Injectable } from '@nestjs/common';
import OAuth2Strategy from 'passport-oauth2';
import { Config } from '../../../config/config.js';
import { Problem } from '../../../kernel/http/problem.js';
import { issuesAddress } from './email-authority.js';
import { emailOf } from './email-claim.js';
import { getJson } from './peers.js';
import { type BrowserClient, type ExternalIdentity, Provider, type ProviderTokens } from './provider.js';

const PUBLIC_GITHUB = 'https://github.com';

interface Address {
  readonly email?: unknown;
  readonly primary?: unknown;
  readonly verified?: unknown;
}

@Injectable()
export class GitHub extends Provider {
  readonly name = 'github';

  constructor(private readonly config: Config) {
    super();
  }

  get isConfigured(): boolean {
    return this.config.env.GITHUB_CLIENT_ID !== undefined;
  }

  async browserClient(): Promise<BrowserClient> {
    const { env } = this.config;
    return {
      strategy: OAuth2Strategy,
      authorizationURL: `${env.GITHUB_URL}/login/oauth/authorize`,
      tokenURL: `${env.GITHUB_URL}/login/oauth/access_token`,
      clientID: env.GITHUB_CLIENT_ID ?? '',
      clientSecret: env.GITHUB_CLIENT_SECRET ?? '',
      scope: ['user:email'],
    };
  }

  async identityOf({ accessToken }: ProviderTokens): Promise<ExternalIdentity> {
    const ask = (path: string) =>
      getJson(this.apiUrl + path, {
        authorization: `Bearer ${accessToken}`,
        accept: 'application/vnd.github+json',
      });
    const [person, addresses] = await Promise.all([ask('/user'), ask('/user/emails')]);
    const { id } = (person ?? {}) as { id?: unknown };
    if (!Number.isSafeInteger(id)) throw new Problem('invalid-id-token');
    const primary = primaryOf(Array.isArray(addresses) ? (addresses as Address[]) : []);
    return {
      provider: this.name,
      issuer: this.config.env.GITHUB_URL,
      subject: String(id),
      ...primary,
      isAuthoritative: issuesAddress(this.name, primary.email),
    };
  }

  /** GitHub Enterprise Server serves the API under its own address. */
  private get apiUrl(): string {
    const { GITHUB_URL } = this.config.env;
    return GITHUB_URL === PUBLIC_GITHUB ? 'https://api.github.com' : `${GITHUB_URL}/api/v3`;
  }
}

/** The primary address; the one in the profile may be another and unverified. */
function primaryOf(addresses: readonly Address[]): Pick<ExternalIdentity, 'email' | 'isEmailVerified'> {
  const primary = addresses.find((address) => address.primary === true);
  return { email: emailOf(primary?.email), isEmailVerified: primary?.verified === true };
}
