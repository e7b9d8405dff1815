import { createHmac, hkdfSync, randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import type { TestingModuleBuilder } from '@nestjs/testing';
import { Config } from '../../../src/config/config.js';
import { LoginPolicy } from '../../../src/modules/identity/auth/login-limits.js';
import { Logger } from '../../../src/platform/logger.js';
import { type Answer, Api, PASSWORD } from '../../support/api.js';
import { SECRET, TestApp } from '../../support/app.js';

export const ME = '/api/users/me';
export const LOGIN = '/api/auth/login';
export const REGISTER = '/api/auth/register';
export const REFRESH = '/api/auth/refresh';
export const LOGOUT = '/api/auth/logout';
export const SESSIONS = '/api/auth/sessions';
/** The default of REFRESH_REUSE_INTERVAL. */
export const REUSE_INTERVAL = 10_000;
/** Time after which no instance may trust an ended session. */
export const TRUST = 5_000;

type Override = (builder: TestingModuleBuilder) => TestingModuleBuilder;

/** Combines several overrides. */
export const all =
  (...overrides: Override[]): Override =>
  (builder) =>
    overrides.reduce((target, override) => override(target), builder);

/** The limits of production. */
export const realPolicy: Override = (builder) =>
  builder.overrideProvider(LoginPolicy).useValue(new LoginPolicy());

/** Collects the service's log; start it with LOG_LEVEL=info. */
export class Log {
  readonly lines: Record<string, unknown>[] = [];

  readonly install: Override = (builder) =>
    builder.overrideProvider(Logger).useFactory({
      factory: (config: Config) => new Logger(config, this.stream),
      inject: [Config],
    });

  private readonly stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      this.lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
      done();
    },
  });
}

/** `401 token-reused`, or `200` for a success: one text to compare. */
export const outcome = ({ status, body }: Answer): string =>
  status < 400 ? String(status) : `${status} ${String(body['type']).replace(/^.*\/problems\//, '')}`;

export const tally = (answers: readonly Answer[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const answer of answers) counts[outcome(answer)] = (counts[outcome(answer)] ?? 0) + 1;
  return counts;
};

export const times = <T>(count: number, work: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => work(i));

export const newEmail = (): string => `${randomUUID()}@example.org`;

/** A device with its pair of tokens, as the app stores them. */
export class Phone {
  constructor(
    readonly anonymous: Api,
    public access: string,
    public token: string,
  ) {}

  static of(api: Api): Phone {
    return new Phone(new Api(api.url), api.account['access_token'], api.account['refresh_token']);
  }

  /** A new account on its first device. */
  static async register(api: Api): Promise<Phone & { person: Api }> {
    const person = await api.register();
    return Object.assign(Phone.of(person), { person });
  }

  /** The same account on another device. */
  static async login(person: Api, extra: Readonly<Record<string, unknown>> = {}): Promise<Phone> {
    return Phone.of(await person.login(extra));
  }

  /** A copy of what the phone stores now. */
  copy(): Phone {
    return new Phone(this.anonymous, this.access, this.token);
  }

  /** Presents a refresh token and drops the response, as if it were lost. */
  present(token: string = this.token, nonce?: string): Promise<Answer> {
    return this.anonymous.post(REFRESH, { refresh_token: token, ...(nonce === undefined ? {} : { nonce }) });
  }

  /** Refreshes and stores the new pair. */
  async rotate(nonce?: string): Promise<Answer> {
    const answer = await this.present(this.token, nonce);
    if (answer.status === 200) {
      this.access = answer.body['access_token'];
      this.token = answer.body['refresh_token'];
    }
    return answer;
  }

  /** Makes a request with the access token. */
  use(): Promise<Answer> {
    return this.anonymous.bearer(this.access).get(ME);
  }

  logout(): Promise<Answer> {
    return this.anonymous.post(LOGOUT, { refresh_token: this.token });
  }
}

export const login = (api: Api, email: string, password: string = PASSWORD): Promise<Answer> =>
  api.post(LOGIN, { email, password });

/** The service's keys, derived again here: a change of the derivation would sign everybody out. */
export const keyOf = (purpose: string, secret = SECRET): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', `hale ${purpose}`, 32));
export const ACCESS_KEY = keyOf('access token');
export const REFRESH_KEY = keyOf('refresh token');

export const base64url = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

export const HEADER = { alg: 'HS256', typ: 'at+jwt' };

const HASHES: Readonly<Record<string, string>> = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' };

/** A handmade token; the MAC uses the algorithm in the header if it names one. */
export function forge(
  claims: object,
  header: Readonly<Record<string, unknown>> = HEADER,
  key: Buffer | string = ACCESS_KEY,
): string {
  const signed = `${base64url(header)}.${base64url(claims)}`;
  return `${signed}.${createHmac(HASHES[String(header['alg'])] ?? 'sha256', key)
    .update(signed)
    .digest('base64url')}`;
}

export const claimsOf = (token: string): Record<string, any> =>
  JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<string, any>;

/** A genuine refresh token for any session and counter. */
export function forgeRefresh(session: string, counter: number | string, key: Buffer = REFRESH_KEY): string {
  return `v1.${session}.${counter}.${createHmac('sha256', key).update(`${session}|${counter}`).digest('base64url')}`;
}

export const sessionOf = (refreshToken: string): string => refreshToken.split('.')[1]!;

/** Seconds since 1970, as in a JWT. */
export const epoch = (): number => Math.floor(Date.now() / 1_000);

type StartOptions = NonNullable<Parameters<typeof TestApp.start>[0]>;

/** Two instances of the service on one database, which is dropped with the first instance: stop the second before. */
export async function startTwo(options: StartOptions = {}): Promise<readonly [TestApp, TestApp]> {
  const first = await TestApp.start(options);
  return [first, await TestApp.start({ ...options, database: first.database })];
}

/** Mann–Whitney: the share of pairs in which the first is greater; ties count half. */
export function areaUnderCurve(first: readonly number[], second: readonly number[]): number {
  let wins = 0;
  for (const a of first) for (const b of second) wins += a > b ? 1 : a === b ? 0.5 : 0;
  return wins / (first.length * second.length);
}
