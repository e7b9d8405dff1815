import { createHash, createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { JWK } from 'jose';
import { json } from './openid.js';

interface Client {
  readonly id: string;
  readonly secret: string;
  readonly redirectUri: string;
}

type Person = Readonly<Record<string, unknown>>;
type Query = URLSearchParams;

interface Issued {
  readonly challenge: string;
  readonly person: Person;
}

/** The common part of Facebook and GitHub: OAuth 2.0, and an API that returns the person of an access token. */
abstract class SocialPeer {
  /** The person who is signed in to the provider. If undefined, the sign-in is refused. */
  person: Person | undefined;
  /** Answers only errors. */
  isDown = false;
  /** The paths that were requested. */
  readonly asked: string[] = [];
  private readonly codes = new Map<string, Issued>();
  private readonly people = new Map<string, Person>();

  protected constructor(
    private readonly server: Server,
    protected readonly client: Client,
  ) {
    server.on('request', (request, response) => void this.serve(request, response));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Makes an access token, as another app or this service would get it. */
  accessToken(person: Person): string {
    const token = randomBytes(24).toString('hex');
    this.people.set(token, person);
    return token;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  protected abstract readonly authorizePath: string;
  protected abstract readonly tokenPath: string;
  /** Refuses a code in the way of this provider. */
  protected abstract refuse(response: ServerResponse): void;
  protected abstract answerApi(path: string, person: Person, token: string, query: Query): unknown;
  protected answerOpen(_path: string): unknown {
    return undefined;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    this.asked.push(pathname);
    if (this.isDown) return json(response, { message: 'down' }, 500);
    if (pathname === this.authorizePath) return this.authorize(searchParams, response);
    if (pathname === this.tokenPath) return this.exchange(new URLSearchParams(await text(request)), response);
    const open = this.answerOpen(pathname);
    if (open !== undefined) return json(response, open);
    const [, token = ''] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
    const person = this.people.get(token);
    const answer = person && this.answerApi(pathname, person, token, searchParams);
    json(response, answer ?? { message: 'Bad credentials' }, answer ? 200 : 401);
  }

  private authorize(query: Query, response: ServerResponse): void {
    const back = new URL(query.get('redirect_uri') ?? '');
    if (back.href !== this.client.redirectUri || query.get('client_id') !== this.client.id)
      return json(response, { message: 'redirect_uri mismatch' }, 400);
    back.searchParams.set('state', query.get('state') ?? '');
    if (!this.person) back.searchParams.set('error', 'access_denied');
    else {
      const code = randomBytes(12).toString('hex');
      this.codes.set(code, { challenge: query.get('code_challenge') ?? '', person: this.person });
      back.searchParams.set('code', code);
    }
    response.writeHead(302, { location: back.href }).end();
  }

  private exchange(form: Query, response: ServerResponse): void {
    const code = form.get('code') ?? '';
    const issued = this.codes.get(code);
    this.codes.delete(code);
    const { id, secret, redirectUri } = this.client;
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const isRight =
      issued?.challenge === challenge &&
      form.get('client_id') === id &&
      form.get('client_secret') === secret &&
      form.get('redirect_uri') === redirectUri;
    if (!issued || !isRight) return this.refuse(response);
    json(response, { access_token: this.accessToken(issued.person), token_type: 'bearer' });
  }
}

async function listen(): Promise<Server> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

export class FacebookPeer extends SocialPeer {
  /** The keys of Limited Login. */
  keys: readonly JWK[] = [];
  protected readonly authorizePath = '/v23.0/dialog/oauth';
  protected readonly tokenPath = '/v23.0/oauth/access_token';

  static async start(client: Client): Promise<FacebookPeer> {
    return new FacebookPeer(await listen(), client);
  }

  protected override answerOpen(path: string): unknown {
    return path === '/.well-known/oauth/openid/jwks/' ? { keys: this.keys } : undefined;
  }

  protected refuse(response: ServerResponse): void {
    json(response, { error: { message: 'Invalid verification code', code: 100 } }, 400);
  }

  protected answerApi(path: string, person: Person, token: string, query: Query): unknown {
    const proof = createHmac('sha256', this.client.secret).update(token).digest('hex');
    if (path !== '/v23.0/me' || query.get('appsecret_proof') !== proof) return undefined;
    const fields = (query.get('fields') ?? 'id').split(',');
    return Object.fromEntries(Object.entries(person).filter(([name]) => fields.includes(name)));
  }
}

export class GitHubPeer extends SocialPeer {
  protected readonly authorizePath = '/login/oauth/authorize';
  protected readonly tokenPath = '/login/oauth/access_token';

  static async start(client: Client): Promise<GitHubPeer> {
    return new GitHubPeer(await listen(), client);
  }

  /** GitHub answers 200 with an error. */
  protected refuse(response: ServerResponse): void {
    json(response, { error: 'bad_verification_code' });
  }

  protected answerApi(path: string, { emails, ...person }: Person): unknown {
    if (path === '/api/v3/user') return person;
    return path === '/api/v3/user/emails' ? emails : undefined;
  }
}
