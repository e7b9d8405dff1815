import { randomUUID } from 'node:crypto';

export const PASSWORD = 'correct horse battery staple';

export interface Answer<Body = Record<string, any>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** A client over real HTTP. */
export class Api {
  constructor(
    readonly url: string,
    readonly headers: Readonly<Record<string, string>> = {},
    /** Who is signed in. */
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

  async send(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(this.url + path, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...this.headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      body: isJson && text ? JSON.parse(text) : text,
    };
  }

  /** A new account, signed in. */
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

  /** The same account on another device. */
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
