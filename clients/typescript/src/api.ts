import createClient, { type Client } from 'openapi-fetch';
import { secretOf } from './ids.js';
import { ProblemError, problemOf, Unreachable } from './problem.js';
import type { Runtime } from './runtime.js';
import type { paths } from './schema.js';
import type { Session, Sessions, User } from './session.js';
import { exchange } from './transport.js';

interface ApiOptions {
  readonly url: string;
  readonly version?: string;
  /** Name of the store; part of the name of the lock that prevents two tabs from refreshing at the same time. */
  readonly name: string;
}

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** The typed calls, with the token of the signed-in person. An expired token is refreshed once, and the call repeated. */
export class Api {
  readonly client: Client<paths>;
  /** The same calls without a token, for whoever signs in. */
  readonly anonymous: Client<paths>;
  /** By sign-in, so that a call never gets the tokens of another person. */
  private readonly refreshing = new Map<string, Promise<Session>>();

  constructor(
    private readonly options: ApiOptions,
    private readonly runtime: Runtime,
    private readonly sessions: Sessions,
  ) {
    this.anonymous = this.clientWith((request) => exchange(runtime, request));
    this.client = this.clientWith((request) => {
      const { current } = sessions;
      return current && !isPublic(request) ? this.send(request, current) : exchange(runtime, request);
    });
  }

  /**
   * Calls for one sign-in: with its tokens or not at all. A final refusal ends the session.
   * @throws HaleError `signed-out` once it is over.
   */
  of(session: Session): Client<paths> {
    return this.clientWith(async (request) => {
      const held = await this.sessions.held(session);
      return this.send(request, held, (used, code) => this.sessions.change(used, { ended: code }));
    });
  }

  /**
   * The body of an answer.
   * @throws ProblemError for an error answer. @throws Unreachable
   */
  async body<T>(call: Promise<Answer<T>>): Promise<T> {
    const { data, error, response } = await call;
    if (!response.ok) throw problemOf(response, error, this.runtime.now());
    return data as T;
  }

  /**
   * A new pair of tokens. Concurrent calls share one refresh.
   * @throws HaleError `signed-out` once the session is over.
   */
  refresh(used: Session): Promise<Session> {
    const going = this.refreshing.get(used.id);
    if (going) return going;
    const renewed = this.runtime
      .lock(`${this.options.name}:refresh`, () => this.renew(used))
      .finally(() => this.refreshing.delete(used.id));
    this.refreshing.set(used.id, renewed);
    return renewed;
  }

  private clientWith(fetch: (request: Request) => Promise<Response>): Client<paths> {
    const { url, version } = this.options;
    return createClient<paths>({
      baseUrl: url.replace(/\/$/, ''),
      headers: { ...(version !== undefined && { 'X-Client-Version': version }) },
      fetch,
    });
  }

  /** @param refused called with the answer to a token that stays invalid after a refresh. */
  private async send(
    request: Request,
    session: Session,
    refused: (used: Session, code: string) => Promise<unknown> = () => Promise.resolve(),
  ): Promise<Response> {
    const repeated = request.clone();
    const response = await exchange(this.runtime, withToken(request, session.access_token));
    if (response.status !== 401) return this.withProfile(request, response, session);
    const problem = await this.problemIn(response);
    if (problem.code !== 'token-expired') {
      if (problem.endsSession) await refused(session, problem.code);
      return response;
    }
    const renewed = await this.refresh(session);
    const last = await exchange(this.runtime, withToken(repeated, renewed.access_token));
    const still = last.status === 401 ? await this.problemIn(last) : undefined;
    if (still?.endsSession) await refused(renewed, still.code);
    return this.withProfile(repeated, last, renewed);
  }

  /** The profile is kept with the session, whoever reads or changes it. */
  private async withProfile(request: Request, response: Response, session: Session): Promise<Response> {
    // The answer to the deletion of the account has no body.
    if (response.status !== 200 || !request.url.endsWith('/api/users/me')) return response;
    const user = (await response.clone().json()) as User;
    const isNews = user.id === session.user.id && JSON.stringify(user) !== JSON.stringify(session.user);
    if (isNews && (await this.sessions.change(session, { user }))) this.sessions.profileChanged();
    return response;
  }

  private async renew(used: Session): Promise<Session> {
    // Stored before it is sent: if the answer is lost, the repetition sends the same nonce, also after a restart.
    const session = await this.sessions.toRefresh(used, secretOf(this.runtime));
    // Another tab has already refreshed.
    if (session.access_token !== used.access_token) return session;
    const { refresh_token, refresh_nonce: nonce } = session;
    try {
      const tokens = await this.body(
        this.anonymous.POST('/api/auth/refresh', { body: { refresh_token, ...(nonce && { nonce }) } }),
      );
      const { access_token, refresh_token: next } = tokens;
      // Not an answer of the service: the tokens in store must not be replaced by nothing.
      if (!access_token || !next) throw new Unreachable('network');
      const changes = { access_token, refresh_token: next, refresh_nonce: undefined };
      const renewed = await this.sessions.change(session, changes);
      // Signed out during the refresh: the new tokens must not be used.
      return renewed ?? (await this.sessions.held(session));
    } catch (error) {
      if (error instanceof ProblemError && error.endsSession)
        await this.sessions.change(session, { ended: error.code });
      throw error;
    }
  }

  private async problemIn(response: Response): Promise<ProblemError> {
    const body: unknown = await response
      .clone()
      .json()
      .catch(() => undefined);
    return problemOf(response, body, this.runtime.now());
  }
}

const isPublic = (request: Request): boolean =>
  /\/api\/auth\/(?:login|challenge|register|refresh|logout)$/.test(new URL(request.url).pathname);

function withToken(request: Request, token: string): Request {
  const headers = new Headers(request.headers);
  headers.set('authorization', `Bearer ${token}`);
  return new Request(request, { headers });
}
