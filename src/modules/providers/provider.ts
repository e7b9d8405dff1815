import type { Strategy, StrategyOptions, VerifyCallback } from 'passport-oauth2';

export const providerNames = ['google', 'apple', 'facebook', 'github'] as const;
export type ProviderName = (typeof providerNames)[number];

/** As people know them. */
export const providerTitles: Readonly<Record<ProviderName, string>> = {
  google: 'Google',
  apple: 'Apple',
  facebook: 'Facebook',
  github: 'GitHub',
};

/** Who a provider says somebody is, after what it said was verified. */
export interface ExternalIdentity {
  readonly provider: ProviderName;
  /** With the subject the key of the identity. */
  readonly issuer: string;
  readonly subject: string;
  /** Normalised; null where the provider gave none. */
  readonly email: string | null;
  /** Whether the provider has seen that the person reads mail there. */
  readonly isEmailVerified: boolean;
  /** Whether it is the provider who gives such addresses out, so that nobody else can have this one. */
  readonly isAuthoritative: boolean;
}

/** What a provider answers a code with. */
export interface ProviderTokens {
  readonly accessToken: string;
  readonly idToken: string | undefined;
}

/** What Passport calls with the provider's answer; with five parameters, it is given all of it. */
export type Verify = (
  access: string,
  refresh: string,
  others: { readonly id_token?: unknown },
  profile: unknown,
  done: VerifyCallback,
) => void;

/** How a browser is sent to a provider, and its code exchanged. */
export interface BrowserClient {
  /** Of Passport. */
  readonly strategy: new (options: StrategyOptions, verify: Verify) => Strategy;
  readonly authorizationURL: string;
  readonly tokenURL: string;
  readonly clientID: string;
  readonly clientSecret: string;
  readonly scope: readonly string[];
  /** Further parameters of the authorization request. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** Somewhere people have an account already. */
export abstract class Provider {
  abstract readonly name: ProviderName;
  /** Whether this service has a client there. */
  abstract readonly isConfigured: boolean;

  /** @throws Problem `provider-unavailable` */
  abstract browserClient(): Promise<BrowserClient>;

  /**
   * Who somebody is that came back from the provider.
   * @param nonce what the browser was sent there with.
   * @throws Problem `invalid-id-token`, `provider-unavailable`
   */
  abstract identityOf(tokens: ProviderTokens, nonce: string): Promise<ExternalIdentity>;

  /**
   * Who somebody is whose app got an id_token; absent where the provider makes none.
   * @throws Problem `invalid-id-token`, `provider-unavailable`
   */
  identityOfIdToken?(idToken: string, nonce: string | undefined): Promise<ExternalIdentity>;

  get takesIdToken(): boolean {
    return this.identityOfIdToken !== undefined;
  }
}
