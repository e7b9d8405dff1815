import type { Api } from './api.js';
import { nameOf } from './export.js';
import { uuidv7 } from './ids.js';
import { type Parts, syncLock, within } from './parts.js';
import { HaleError, isSignedOut, ProblemError } from './problem.js';
import type { paths } from './schema.js';
import { removeFrom, type Session } from './session.js';
import { readDevice, writeDevice } from './store.js';

type BodyOf<Path extends '/api/auth/login' | '/api/auth/register'> =
  paths[Path]['post']['requestBody']['content']['application/json'];

export type Login = Omit<BodyOf<'/api/auth/login'>, 'device_id'>;
/** A code of the authenticator app, or a recovery code. */
export type SecondFactor = { readonly code: string } | { readonly recovery_code: string };

/** Asks the person for it, once more when the last one was wrong. What it throws ends the sign-in. */
export type AskSecondFactor = (asked: { readonly isRepeated: boolean }) => Promise<SecondFactor>;

export type Registration = Omit<BodyOf<'/api/auth/register'>, 'device_id'>;

/** What signing in is answered with. */
type Answer = Pick<Session, 'user' | 'access_token' | 'refresh_token'>;

/** Signs in, as this installation. */
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
  await parts.sessions.save(session);
  return session;
}

/** Proves who it is, and proves it twice where the account asks for that. */
export async function prove(
  api: Api,
  login: Login & { readonly device_id: string },
  ask: AskSecondFactor | undefined,
): Promise<Answer> {
  const answer = await api.body(api.client.POST('/api/auth/login', { body: login }));
  if ('user' in answer) return answer;
  if (!ask) throw new HaleError('second-factor', 'a second factor is needed');
  const { email: _, password: __, ...device } = login;
  for (let isRepeated = false; ; isRepeated = true) {
    const body = { challenge: answer.challenge, ...device, ...(await ask({ isRepeated })) };
    try {
      return await api.body(api.client.POST('/api/auth/challenge', { body }));
    } catch (error) {
      // Five wrong ones end the challenge, and with it this.
      if (!(error instanceof ProblemError) || error.code !== 'invalid-code') throw error;
    }
  }
}

/** How long a run of sync may delay who wants to leave. */
const PATIENCE_MS = 5_000;

/**
 * Removes the session and what the account keeps here, in one piece: a run that is under way, in any tab, can write
 * nothing afterwards.
 * @param mayLose names of edits that need not reach the server; all of them when true.
 * @returns what is left to end on the server; nothing when another tab was faster.
 * @throws HaleError `unsynced-edits` when there are other edits.
 */
export async function signOut(
  parts: Parts,
  mayLose: ReadonlySet<string> | true,
): Promise<Session | undefined> {
  const session = parts.sessions.current;
  if (!session) return undefined;
  await calm(parts);
  try {
    return await within(parts, session, async (store, held) => {
      const edits = [...(await store.outbox()), ...(await store.rejected())];
      const lost = edits.filter((edit) => mayLose !== true && !mayLose.has(nameOf(edit)));
      if (lost.length > 0)
        throw new HaleError(
          'unsynced-edits',
          `${lost.length} edits are only here: sync, export or discard them`,
        );
      await store.erase();
      await removeFrom(store.transaction);
      return held;
    });
  } catch (error) {
    if (isSignedOut(error)) return undefined;
    throw error;
  }
}

/**
 * Lets a run of any tab come to its end, so that edits on their way arrive. Not for ever: a tab may hang, and nothing
 * but courtesy depends on it.
 */
async function calm(parts: Parts): Promise<void> {
  const { runtime } = parts;
  let cancel = (): void => undefined;
  const impatience = new Promise<void>((resolve) => {
    cancel = runtime.after(PATIENCE_MS, resolve);
  });
  await Promise.race([impatience, runtime.lock(syncLock(parts), async () => undefined)]).finally(cancel);
}

/** Ends the session on the server; without a connection it ends by itself. */
export async function endSession({ api }: Parts, { refresh_token }: Session): Promise<void> {
  await api.body(api.client.POST('/api/auth/logout', { body: { refresh_token } })).catch(() => undefined);
}
