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
  private refreshing: Promise<Session> | undefined;

  constructor(
    private readonly options: ApiOptions,
    private readonly runtime: Runtime,
    private readonly sessions: Sessions,
  ) {
    this.client = createClient<paths>({
      baseUrl: options.url.replace(/\/$/, ''),
      headers: { ...(options.version !== undefined && { 'X-Client-Version': options.version }) },
      fetch: (request) => this.send(request),
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

  /** A new pair of tokens, of one refresh for all who ask at the same time. */
  refresh(used: string): Promise<Session> {
    this.refreshing ??= this.runtime
      .lock(`${this.options.name}:refresh`, () => this.renew(used))
      .finally(() => (this.refreshing = undefined));
    return this.refreshing;
  }

  private async send(request: Request): Promise<Response> {
    const token = isPublic(request) ? undefined : this.sessions.current?.access_token;
    if (token === undefined) return exchange(this.runtime, request);
    const repeated = request.clone();
    const response = await exchange(this.runtime, withToken(request, token));
    if (response.status !== 401 || !(await hasExpired(response.clone()))) return response;
    const renewed = await this.refresh(token);
    return exchange(this.runtime, withToken(repeated, renewed.access_token));
  }

  private async renew(used: string): Promise<Session> {
    const session = await this.sessions.load();
    if (!session) throw new ProblemError('unauthenticated', 401, undefined, {});
    // Another tab was faster.
    if (session.access_token !== used) return session;
    try {
      const { refresh_token } = session;
      const tokens = await this.body(this.client.POST('/api/auth/refresh', { body: { refresh_token } }));
      const renewed = { ...session, access_token: tokens.access_token, refresh_token: tokens.refresh_token };
      await this.sessions.save(renewed);
      return renewed;
    } catch (error) {
      if (error instanceof ProblemError && error.status === 401)
        await this.sessions.save({ ...session, ended: error.code });
      throw error;
    }
  }
}

const isPublic = (request: Request): boolean =>
  /\/api\/auth\/(?:login|challenge|register|refresh|logout)$/.test(new URL(request.url).pathname);

function withToken(request: Request, token: string): Request {
  const headers = new Headers(request.headers);
  headers.set('authorization', `Bearer ${token}`);
  return new Request(request, { headers });
}

async function hasExpired(response: Response): Promise<boolean> {
  const body = (await response.json().catch(() => undefined)) as { type?: unknown } | undefined;
  return typeof body?.type === 'string' && body.type.endsWith('/token-expired');
}
