import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  randomUUID,
} from 'node:crypto';
import type { OutboxWorker } from '../../../src/kernel/events/outbox-worker.js';
import type { Answer, Api } from '../../support/api.js';
import type { TestApp } from '../../support/app.js';
import type { CaughtMail, SmtpSink } from '../../support/smtp.js';
import { type Landing, UserAgent } from '../../support/user-agent.js';

/** The URL for clients; on this machine the service has another one. */
export const PUBLIC = 'https://hale.test';
export const APP_LINK = 'org.example.hale:/signed-in';
export const WEB_LINK = 'https://app.hale.test/signed-in';

export const callbackOf = (provider: string): string => `${PUBLIC}/api/auth/${provider}/callback`;
export const newAddress = (domain = 'example.org'): string => `${randomUUID()}@${domain}`;

/** What an app stores while the browser is open. */
export class Pkce {
  readonly verifier = randomBytes(32).toString('base64url');
  readonly challenge = createHash('sha256').update(this.verifier).digest('base64url');
}

export const startPath = (provider: string, { challenge }: Pkce, link = APP_LINK): string =>
  `/api/auth/${provider}?${new URLSearchParams({
    redirect_uri: link,
    code_challenge: challenge,
    code_challenge_method: 'S256',
  })}`;

export const browserOf = (app: TestApp, login: string): UserAgent =>
  new UserAgent({ [PUBLIC]: app.url }, login);

/** The link that the app was opened with. */
export const parametersOf = ({ url }: Landing): Record<string, string> =>
  Object.fromEntries(new URL(url).searchParams);

/** From the app through the browser to the app: returns the code. */
export async function codeFor(app: TestApp, provider: string, login: string, pkce: Pkce): Promise<string> {
  const landing = await browserOf(app, login).open(PUBLIC + startPath(provider, pkce));
  const { code } = parametersOf(landing);
  if (code === undefined) throw new Error(`${landing.url} ${landing.status} ${landing.body}`);
  return code;
}

export const exchange = (api: Api, code: string, { verifier }: Pkce, extra: object = {}): Promise<Answer> =>
  api.post('/api/auth/oauth/token', { code, code_verifier: verifier, ...extra });

/** The whole sign-in. */
export async function signInWith(app: TestApp, provider: string, login: string): Promise<Answer> {
  const pkce = new Pkce();
  return exchange(app.api, await codeFor(app, provider, login, pkce), pkce);
}

export const subjectsTo = async (sink: SmtpSink, worker: OutboxWorker, email: string): Promise<string[]> => {
  await worker.drain();
  return sink.to(email).map(({ parsed }: CaughtMail) => parsed.subject ?? '');
};

/** The key of an app at Apple: it signs, and Apple verifies with it. */
export function newAppleKey(): { privateKey: string; publicKey: KeyObject } {
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return { privateKey, publicKey: createPublicKey(privateKey) };
}
