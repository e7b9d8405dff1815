import { vi } from 'vitest';
import { PersonLock } from '../../../src/kernel/person-lock.js';
import { SignInChallenges } from '../../../src/modules/identity/factors/sign-in-challenges.js';
import { SmtpSink } from '../../support/smtp.js';
import { type Answer, type Api, PASSWORD } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import type { TestClock } from '../../support/clock.js';
import { until } from '../../support/until.js';
import { OutboxWorker } from '../../../src/kernel/events/outbox-worker.js';
import type { Database } from '../../../src/platform/database/database.js';
import { all } from '../auth/support.js';
import { contents } from '../hardening/support.js';

export const FACTORS = '/api/auth/factors';
export const TOTP = '/api/auth/totp';
export const CONFIRM = '/api/auth/totp/confirm';
export const CHALLENGE = '/api/auth/challenge';
export const RECOVERY_CODES = '/api/auth/recovery-codes';
export const PASSKEYS = '/api/auth/passkeys';
export const PASSKEY_SIGN_IN = '/api/auth/passkeys/sign-in';

type Options = NonNullable<Parameters<typeof TestApp.start>[0]>;
type Override = NonNullable<Options['override']>;

/** The service with a mail server, and a clock that the test moves. */
export class Mailed {
  private constructor(
    readonly app: TestApp,
    readonly sink: SmtpSink,
  ) {}

  static async start(clock: TestClock, env: Options['env'] = {}, ...overrides: Override[]): Promise<Mailed> {
    const sink = await SmtpSink.start();
    const app = await TestApp.start({
      env: { SMTP_URL: sink.url, AUTH_REQUIRE_VERIFIED_EMAIL: 'false', ...env },
      override: all((builder) => clock.install(builder), ...overrides),
    });
    return new Mailed(app, sink);
  }

  /** The sent mails, the oldest first. */
  async subjectsTo(email: string): Promise<(string | undefined)[]> {
    await this.app.app.get(OutboxWorker).drain();
    return this.sink.to(email).map(({ parsed }) => parsed.subject);
  }

  async stop(): Promise<void> {
    await this.app.stop();
    await this.sink.stop();
  }
}

/** The first step of a sign-in with two. */
export async function challengeFor(api: Api, email: string, password = PASSWORD): Promise<string> {
  const { status, body } = await api.post('/api/auth/login', { email, password });
  if (status !== 202) throw new Error(`login answered ${status}: ${JSON.stringify(body)}`);
  return body['challenge'] as string;
}

export const answer = (api: Api, challenge: string, proof: object): Promise<Answer> =>
  api.post(CHALLENGE, { challenge, ...proof });

/** Requests that all wait for the person's lock before the first of them is decided. */
export async function together(
  app: TestApp,
  userId: string,
  requests: () => Promise<Answer>[],
): Promise<Answer[]> {
  const looked = vi.spyOn(app.app.get(SignInChallenges), 'find');
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const lock = app.app.get(PersonLock).hold(userId, () => held);
  const sent = requests();
  await until(
    () => looked.mock.settledResults.filter(({ type }) => type === 'fulfilled').length === sent.length,
  );
  looked.mockRestore();
  release();
  await lock;
  return Promise.all(sent);
}

/** The actions in the log, the newest first. */
export const actionsOf = async (person: Api): Promise<unknown[]> =>
  (await person.get('/api/users/me/access-log?limit=500')).body['data'].map(
    ({ action }: { action: string }) => action,
  );

/** All stored data, as text. */
export const dump = async (db: Database): Promise<string> =>
  JSON.stringify(await contents(db), (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
