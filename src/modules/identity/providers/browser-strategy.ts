import type { Strategy } from 'passport-oauth2';
import { postForm, RefusedByPeer } from './peers.js';
import type { BrowserClient, ProviderTokens, Verify } from './provider.js';

/* Runs Passport's strategies without Passport, whose sessions and middleware need Express. */

/** The URL for the browser, and the value that is needed when it returns. */
export interface AuthorizationUrl {
  readonly url: string;
  /** PKCE verifier between this service and the provider. */
  readonly verifier: string;
}

interface AuthorizationRequest {
  readonly callbackUrl: string;
  readonly state: string;
  readonly nonce: string;
}

/** Returns the URL that the browser is sent to. */
export async function authorizationUrl(
  client: BrowserClient,
  { callbackUrl, state, nonce }: AuthorizationRequest,
): Promise<AuthorizationUrl> {
  const store = new FlowStore(state);
  const strategy = strategyOf(client, callbackUrl, store);
  const defaults = strategy.authorizationParams.bind(strategy);
  strategy.authorizationParams = (options) => ({ ...defaults(options), ...client.parameters, nonce });
  const url = await run<string>(strategy, {}, 'redirect');
  return { url, verifier: store.verifier };
}

/** Exchanges the code that the browser returned with. @throws Problem `provider-unavailable`, RefusedByPeer */
export const exchange = (
  client: BrowserClient,
  callbackUrl: string,
  { code, verifier }: { code: string; verifier: string },
): Promise<ProviderTokens> =>
  run<ProviderTokens>(strategyOf(client, callbackUrl, new FlowStore('', verifier)), { code }, 'success');

function strategyOf(
  { strategy: Kind, scope, ...client }: BrowserClient,
  callbackURL: string,
  store: FlowStore,
) {
  const options = { ...client, scope: [...scope], callbackURL, store: store as never, pkce: true };
  const strategy = new Kind({ ...options, skipUserProfile: true }, keepTokens);
  const { _oauth2: transport } = strategy as unknown as { _oauth2: Transport };
  transport.getOAuthAccessToken = async (code, params, done) => {
    const form = { ...params, code, client_id: client.clientID, client_secret: client.clientSecret };
    try {
      const { access_token: access, ...others } = await postForm(client.tokenURL, form);
      if (typeof access !== 'string') throw new RefusedByPeer();
      done(null, access, '', others);
    } catch (error) {
      done(error as Error);
    }
  };
  return strategy;
}

/** The HTTP client of Passport. It is replaced because it has no timeout for a provider that does not answer. */
interface Transport {
  getOAuthAccessToken(
    code: string,
    params: Readonly<Record<string, string>>,
    done: (error: Error | null, access?: string, refresh?: string, others?: object) => void,
  ): Promise<void>;
}

/** Stores what Passport would store in a session. Passport chooses the arguments by the number of parameters. */
class FlowStore {
  constructor(
    private readonly state: string,
    public verifier = '',
  ) {}

  store(_request: unknown, verifier: string, _state: unknown, _meta: unknown, done: Stored): void {
    this.verifier = verifier;
    done(null, this.state);
  }

  verify(_request: unknown, _state: string, done: (error: null, verifier: string) => void): void {
    done(null, this.verifier);
  }
}

type Stored = (error: null, state: string) => void;

/** Passes on the tokens. The provider's own class reads the identity from the signed token or from the provider's API. */
const keepTokens: Verify = (accessToken, _refresh, { id_token: idToken }, _profile, done) => {
  const tokens: ProviderTokens = { accessToken, idToken: typeof idToken === 'string' ? idToken : undefined };
  done(null, tokens);
};

/** Settles when the strategy ends; every outcome except the expected one is a failure. */
function run<Result>(
  strategy: Strategy,
  query: Readonly<Record<string, string>>,
  end: 'redirect' | 'success',
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const refuse = () => reject(new RefusedByPeer());
    const ends = { redirect: refuse, success: refuse, fail: refuse, pass: refuse };
    Object.assign(strategy, ends, { error: (error: Error) => reject(causeOf(error)) });
    Object.assign(strategy, { [end]: resolve });
    strategy.authenticate({ query } as never);
  });
}

/** The error that Passport wrapped. */
const causeOf = (error: Error & { oauthError?: unknown }): unknown => error.oauthError ?? error;
