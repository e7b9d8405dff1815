import type { Api } from './api.js';
import { GUEST, UserStore, readDevice, writeDevice } from './store.js';
import { uuidv7 } from './ids.js';
import type { Parts } from './parts.js';
import { HaleError, ProblemError } from './problem.js';
import type { components } from './schema.js';
import type { Session } from './session.js';

type Schemas = components['schemas'];
type Body<Name extends keyof Schemas> = Omit<Schemas[Name], 'device_id'>;

export type Login = Body<'Login'>;
export type Registration = Body<'Register'>;
/** A code of the authenticator app, or a recovery code. */
export type SecondFactor = { readonly code: string } | { readonly recovery_code: string };

/** Asks the person for a second factor, again if the last one was wrong. An error that it throws ends the sign-in. */
export type AskSecondFactor = (asked: { readonly isRepeated: boolean }) => Promise<SecondFactor>;

/** Gets a passkey for the options of the server: `PublicKeyCredentialRequestOptionsJSON` to `AuthenticationResponseJSON`. */
export type GetPasskey = (options: Record<string, unknown>) => Promise<Record<string, unknown>>;

type DeviceNames = Pick<Body<'Login'>, 'device_name' | 'platform'>;

/** The ways to sign in. */
export type SignInMethod =
  | Login
  /** The id_token that the SDK of a provider gave the app. */
  | (Body<'IdToken'> & { readonly provider: Schemas['ProviderName'] })
  /** The code with which the app was opened after a sign-in in the browser. */
  | Body<'Code'>
  /** True in a browser; elsewhere a function that asks the phone. */
  | (DeviceNames & { readonly passkey: true | GetPasskey })
  /** The second step of a sign-in that the app began by itself. */
  | (DeviceNames & SecondFactor & { readonly challenge: string })
  /** What any other sign-in call of the API answered. */
  | { readonly tokens: Answer };

/** The fields of a sign-in answer that the client uses. */
type Answer = Pick<Session, 'user' | 'access_token' | 'refresh_token'>;
type Device = DeviceNames & { readonly device_id: string };

/**
 * Signs in with the id of this installation. What was entered before belongs to the account from then on.
 * @param call asks the server.
 */
export async function signIn(
  parts: Parts,
  call: (api: Api, device: { device_id: string }) => Promise<Answer>,
): Promise<Session> {
  const device = await parts.storage.transact(async (transaction) => {
    const device = await readDevice(transaction, () => uuidv7(parts.runtime));
    await writeDevice(transaction, device);
    return device;
  });
  const { user, access_token, refresh_token } = await call(parts.api, { device_id: device.client_id });
  const session = { id: uuidv7(parts.runtime), user, access_token, refresh_token };
  // In one transaction, so that no edit is left behind.
  await parts.sessions.save(session, async (transaction) => {
    const guest = new UserStore(transaction, GUEST, parts.kinds);
    const own = new UserStore(transaction, user.id, parts.kinds);
    for (const edit of await guest.outbox()) await own.putEdit(edit);
    await guest.erase();
  });
  return session;
}

export async function register(api: Api, body: Registration & { device_id: string }): Promise<Answer> {
  const answer = await api.body(api.anonymous.POST('/api/auth/register', { body }));
  if ('user' in answer) return answer;
  throw new HaleError('unverified', 'follow the link that was mailed to you, then sign in');
}

/** Proves who the person is, with the second factor if the account has one. */
export async function prove(
  api: Api,
  method: SignInMethod,
  { device_id }: { readonly device_id: string },
  ask: AskSecondFactor | undefined,
): Promise<Answer> {
  if ('tokens' in method) return method.tokens;
  const { device_name, platform } = method;
  const device = { device_id, ...(device_name && { device_name }), ...(platform && { platform }) };
  const answer = await firstProof(api, method, device);
  if ('user' in answer) return answer;
  if (!ask) throw new HaleError('second-factor', 'a second factor is needed');
  return secondProof(api, answer.challenge, device, ask);
}

async function firstProof(
  api: Api,
  method: Exclude<SignInMethod, { tokens: Answer }>,
  device: Device,
): Promise<Answer | Schemas['Challenge']> {
  const { anonymous } = api;
  if ('passkey' in method) {
    const { options } = await api.body(anonymous.POST('/api/auth/passkeys/sign-in/options'));
    const response = await (method.passkey === true ? passkeyOfBrowser : method.passkey)(options);
    const body = { ...device, response };
    return api.body(anonymous.POST('/api/auth/passkeys/sign-in', { body }));
  }
  if ('challenge' in method) {
    const body = { ...method, ...device };
    return api.body(anonymous.POST('/api/auth/challenge', { body }));
  }
  if ('provider' in method) {
    const { provider, ...token } = method;
    const [params, body] = [{ path: { provider } }, { ...token, ...device }];
    return api.body(anonymous.POST('/api/auth/{provider}', { params, body }));
  }
  if ('code' in method)
    return api.body(anonymous.POST('/api/auth/oauth/token', { body: { ...method, ...device } }));
  return api.body(anonymous.POST('/api/auth/login', { body: { ...method, ...device } }));
}

async function secondProof(
  api: Api,
  challenge: string,
  device: Device,
  ask: AskSecondFactor,
): Promise<Answer> {
  for (let isRepeated = false; ; isRepeated = true) {
    const body = { challenge, ...device, ...(await ask({ isRepeated })) };
    try {
      return await api.body(api.anonymous.POST('/api/auth/challenge', { body }));
    } catch (error) {
      // After five wrong codes the challenge is over, and the sign-in fails.
      if (!(error instanceof ProblemError) || error.code !== 'invalid-code') throw error;
    }
  }
}

interface WebAuthn {
  readonly PublicKeyCredential?: { parseRequestOptionsFromJSON?(options: object): object };
  readonly navigator?: {
    readonly credentials?: { get(options: object): Promise<{ toJSON(): Record<string, unknown> } | null> };
  };
}

async function passkeyOfBrowser(options: Record<string, unknown>): Promise<Record<string, unknown>> {
  const { PublicKeyCredential, navigator } = globalThis as unknown as WebAuthn;
  const publicKey = PublicKeyCredential?.parseRequestOptionsFromJSON?.(options);
  const credential = publicKey && (await navigator?.credentials?.get({ publicKey }));
  if (credential) return credential.toJSON();
  throw new HaleError('no-passkey', 'this device offered no passkey');
}
