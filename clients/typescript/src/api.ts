import createClient, { type Client } from 'openapi-fetch';
import { ProblemError, problemOf } from './problem.js';
import type { Runtime } from './runtime.js';
import type { paths } from './schema.js';
import type { Session, Sessions } from './session.js';
import { exchange } from './transport.js';

interface ApiOptions {
  readonly url: string;
  readonly version?: string;
  /** Of the store; names the lock that keeps tabs from refreshing at the same time. */
  readonly name: string;
}

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** The typed calls, with the token of who is signed in; an expired one is renewed once, and the call repeated. */
export class Api {
  readonly client: Client<paths>;
  /** By sign-in: another person's tokens are no answer. */
  private readonly refreshing = new Map<string, Promise<Session>>();

  constructor(
    private readonly options: ApiOptions,
    private readonly runtime: Runtime,
    private readonly sessions: Sessions,
  ) {
    this.client = this.clientWith((request) => {
      const { current } = sessions;
      return current && !isPublic(request) ? this.send(request, current) : exchange(runtime, request);
    });
  }

  /**
   * Calls for one sign-in: with its tokens, or not at all. A refusal for good ends the session.
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
   * @throws ProblemError what the server says instead. @throws Unreachable
   */
  async body<T>(call: Promise<Answer<T>>): Promise<T> {
    const { data, error, response } = await call;
    if (!response.ok) throw problemOf(response, error, this.runtime.now());
    return data as T;
  }

  /**
   * A new pair of tokens, of one refresh for all who ask at the same time.
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

  /** @param refused hears of a token that will not do any more, however fresh. */
  private async send(
    request: Request,
    session: Session,
    refused: (used: Session, code: string) => Promise<unknown> = () => Promise.resolve(),
  ): Promise<Response> {
    const repeated = request.clone();
    const response = await exchange(this.runtime, withToken(request, session.access_token));
    if (response.status !== 401) return response;
    const code = await this.codeOf(response);
    if (code !== 'token-expired') {
      await refused(session, code);
      return response;
    }
    const renewed = await this.refresh(session);
    const last = await exchange(this.runtime, withToken(repeated, renewed.access_token));
    if (last.status === 401) await refused(renewed, await this.codeOf(last));
    return last;
  }

  private async renew(used: Session): Promise<Session> {
    const session = await this.sessions.held(used);
    // Another tab was faster.
    if (session.access_token !== used.access_token) return session;
    try {
      const { refresh_token } = session;
      const tokens = await this.body(this.client.POST('/api/auth/refresh', { body: { refresh_token } }));
      const { access_token, refresh_token: next } = tokens;
      const renewed = await this.sessions.change(session, { access_token, refresh_token: next });
      // Signed out meanwhile: the new tokens are nobody's.
      return renewed ?? (await this.sessions.held(session));
    } catch (error) {
      if (error instanceof ProblemError && error.status === 401)
        await this.sessions.change(session, { ended: error.code });
      throw error;
    }
  }

  private async codeOf(response: Response): Promise<string> {
    const body: unknown = await response
      .clone()
      .json()
      .catch(() => undefined);
    return problemOf(response, body, this.runtime.now()).code;
  }
}

const isPublic = (request: Request): boolean =>
  /\/api\/auth\/(?:login|challenge|register|refresh|logout)$/.test(new URL(request.url).pathname);

function withToken(request: Request, token: string): Request {
  const headers = new Headers(request.headers);
  headers.set('authorization', `Bearer ${token}`);
  return new Request(request, { headers });
}
