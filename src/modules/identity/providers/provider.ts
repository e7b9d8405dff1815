import type { Strategy, StrategyOptions, VerifyCallback } from 'passport-oauth2';

export const providerNames = ['google', 'apple', 'facebook', 'github'] as const;
export type ProviderName = (typeof providerNames)[number];

/** Names to show to people. */
export const providerTitles: Readonly<Record<ProviderName, string>> = {
  google: 'Google',
  apple: 'Apple',
  facebook: 'Facebook',
  github: 'GitHub',
};

/** A verified identity at a provider. */
export interface ExternalIdentity {
  readonly provider: ProviderName;
  /** Together with the subject it is the key of the identity. */
  readonly issuer: string;
  readonly subject: string;
  /** Normalised; null if the provider sent none. */
  readonly email: string | null;
  /** Whether the provider has verified that the person receives mail at the address. */
  readonly isEmailVerified: boolean;
  /** Whether the provider itself issues such addresses, so that nobody else can have this one. */
  readonly isAuthoritative: boolean;
}

/** The tokens that a provider exchanges a code for. */
export interface ProviderTokens {
  readonly accessToken: string;
  readonly idToken: string | undefined;
}

/** The callback of Passport; with five parameters it also gets the raw answer of the provider. */
export type Verify = (
  access: string,
  refresh: string,
  others: { readonly id_token?: unknown },
  profile: unknown,
  done: VerifyCallback,
) => void;

/** How a browser is sent to a provider, and its code exchanged. */
export interface BrowserClient {
  /** Passport's strategy. */
  readonly strategy: new (options: StrategyOptions, verify: Verify) => Strategy;
  readonly authorizationURL: string;
  readonly tokenURL: string;
  readonly clientID: string;
  readonly clientSecret: string;
  readonly scope: readonly string[];
  /** Further parameters of the authorization request. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** A sign-in provider. */
export abstract class Provider {
  abstract readonly name: ProviderName;
  /** Whether this service has a client at the provider. */
  abstract readonly isConfigured: boolean;

  /** @throws Problem `provider-unavailable` */
  abstract browserClient(): Promise<BrowserClient>;

  /**
   * Reads the identity after a browser flow.
   * @param nonce the nonce that the flow began with.
   * @throws Problem `invalid-id-token`, `provider-unavailable`
   */
  abstract identityOf(tokens: ProviderTokens, nonce: string): Promise<ExternalIdentity>;

  /**
   * Reads the identity from an id_token that the app got; absent if the provider issues none.
   * @throws Problem `invalid-id-token`, `provider-unavailable`
   */
  identityOfIdToken?(idToken: string, nonce: string | undefined): Promise<ExternalIdentity>;

  get takesIdToken(): boolean {
    return this.identityOfIdToken !== undefined;
  }
}
