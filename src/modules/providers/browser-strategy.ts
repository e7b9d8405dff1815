import type { Strategy } from 'passport-oauth2';
import { postForm, RefusedByPeer } from './peers.js';
import type { BrowserClient, ProviderTokens, Verify } from './provider.js';

/* Passport's strategies, run without Passport: its sessions and middleware are those of Express. */

/** What must be known when the browser comes back. */
export interface Departure {
  readonly url: string;
  /** Of PKCE, between us and the provider. */
  readonly verifier: string;
}

interface Departing {
  readonly callbackUrl: string;
  readonly state: string;
  readonly nonce: string;
}

/** Where to send a browser. */
export async function departure(
  client: BrowserClient,
  { callbackUrl, state, nonce }: Departing,
): Promise<Departure> {
  const store = new FlowStore(state);
  const strategy = strategyOf(client, callbackUrl, store);
  const own = strategy.authorizationParams.bind(strategy);
  strategy.authorizationParams = (options) => ({ ...own(options), ...client.parameters, nonce });
  const url = await run<string>(strategy, {}, 'redirect');
  return { url, verifier: store.verifier };
}

/** Exchanges the code that a browser has come back with. @throws Problem `provider-unavailable`, RefusedByPeer */
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

/** The client that Passport asks through: its own waits for ever for a provider that does not answer. */
interface Transport {
  getOAuthAccessToken(
    code: string,
    params: Readonly<Record<string, string>>,
    done: (error: Error | null, access?: string, refresh?: string, others?: object) => void,
  ): Promise<void>;
}

/** Keeps for Passport what it would keep in a session; it tells by the number of parameters what to call them with. */
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

/** Who it is, is read from what was signed, or asked for: by the provider's own file. */
const keepTokens: Verify = (accessToken, _refresh, { id_token: idToken }, _profile, done) => {
  const tokens: ProviderTokens = { accessToken, idToken: typeof idToken === 'string' ? idToken : undefined };
  done(null, tokens);
};

/** Ends as the strategy does; in any other way than the one it must end in, it failed. */
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

/** What Passport has wrapped. */
const causeOf = (error: Error & { oauthError?: unknown }): unknown => error.oauthError ?? error;
