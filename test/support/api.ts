import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import request from 'supertest';

export const PASSWORD = 'correct horse battery staple';

export interface Answer<Body = Record<string, any>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** An answer as it was received, with its text. */
export interface WireAnswer {
  readonly request: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Functions that see every answer of every `Api`, for a test that checks all answers of its file. */
export const answerObservers = new Set<(answer: WireAnswer) => void>();

/** Connections are kept alive and serve many requests, as those of a phone do. */
const connections = new Agent({ keepAlive: true });

/** Reads every answer as text, whatever its content type is. */
function readText(response: request.Response, done: (error: Error | null, text: string) => void): void {
  let text = '';
  // Not chained, because superagent's `setEncoding` returns nothing when the answer is compressed.
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => (text += chunk));
  response.on('end', () => done(null, text)).on('error', (error: Error) => done(error, text));
}

/** Converts header fields to `Headers`, as `fetch` does. Only `Set-Cookie` may have several lines. */
function headersOf(fields: Readonly<Record<string, string | string[]>>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(fields))
    for (const line of [value].flat()) headers.append(name, line);
  return headers;
}

/** A client that uses real HTTP. */
export class Api {
  constructor(
    readonly url: string,
    readonly headers: Readonly<Record<string, string>> = {},
    /** The account that is signed in. */
    readonly account: Readonly<Record<string, any>> = {},
  ) {}

  get userId(): string {
    return this.account['user'].id as string;
  }

  with(headers: Readonly<Record<string, string>>): Api {
    return new Api(this.url, { ...this.headers, ...headers }, this.account);
  }

  /** The same client with another access token. */
  bearer(token: string): Api {
    return this.with({ authorization: `Bearer ${token}` });
  }

  /** The same person on a device of this name. */
  device(id: string): Api {
    return this.with({ 'x-device-id': id });
  }

  get(path: string): Promise<Answer> {
    return this.send('GET', path);
  }

  post(path: string, body?: unknown): Promise<Answer> {
    return this.send('POST', path, body);
  }

  put(path: string, body?: unknown): Promise<Answer> {
    return this.send('PUT', path, body);
  }

  patch(path: string, body?: unknown): Promise<Answer> {
    return this.send('PATCH', path, body);
  }

  delete(path: string, body?: unknown): Promise<Answer> {
    return this.send('DELETE', path, body);
  }

  /** Sends a request. It does not follow redirects. */
  async send(method: string, path: string, body?: unknown): Promise<Answer> {
    const { pathname, search } = new URL(this.url + path);
    const verb = method.toLowerCase() as 'get';
    const client = request(this.url);
    const sending = client[verb](pathname + search)
      .agent(connections)
      .parse(readText)
      .set({ ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...this.headers });
    // A string is sent unchanged, so that a test can send a body that is not JSON.
    if (body !== undefined) sending.send(typeof body === 'string' ? body : JSON.stringify(body));
    const { status, headers, body: read } = await sending;
    // An answer to HEAD has no body.
    const text = typeof read === 'string' ? read : '';
    const wire = { request: `${method} ${pathname}`, status, headers: headersOf(headers), text };
    for (const observe of answerObservers) observe(wire);
    const isJson = /json/.test(headers['content-type'] ?? '');
    return {
      status,
      headers: wire.headers,
      body: (isJson && text ? JSON.parse(text) : text) as Answer['body'],
    };
  }

  /** Registers a new account and signs it in. */
  async register(extra: Readonly<Record<string, unknown>> = {}): Promise<Api> {
    const email = `${randomUUID()}@example.org`;
    const { status, body } = await this.post('/api/auth/register', { email, password: PASSWORD, ...extra });
    if (status !== 201) throw new Error(`register answered ${status}: ${JSON.stringify(body)}`);
    return new Api(
      this.url,
      { ...this.headers, authorization: `Bearer ${body['access_token']}` },
      { ...body, email },
    );
  }

  /** Signs the same account in again, as on another device. */
  async login(extra: Readonly<Record<string, unknown>> = {}): Promise<Api> {
    const { email } = this.account;
    const { status, body } = await new Api(this.url).post('/api/auth/login', {
      email,
      password: PASSWORD,
      ...extra,
    });
    if (status !== 200) throw new Error(`login answered ${status}: ${JSON.stringify(body)}`);
    return new Api(this.url, { authorization: `Bearer ${body['access_token']}` }, { ...body, email });
  }
}
