import { nameOf } from './export.js';
import { type Parts, syncLock, within, withinGuest } from './parts.js';
import { HaleError, isSignedOut } from './problem.js';
import { removeFrom, type Session } from './session.js';
import type { UserStore } from './store.js';

/** How long a running sync may delay a sign-out. */
const SYNC_WAIT_MS = 5_000;

/**
 * Removes the session and all local data of the account in one transaction: a run that is still active, in any tab, can
 * write nothing afterwards.
 * @param mayLose names of edits that may be lost; true for all of them.
 * @returns the session to end on the server; undefined if another tab signed out first.
 * @throws HaleError `unsynced-edits` if there are other edits.
 */
export async function signOut(
  parts: Parts,
  mayLose: ReadonlySet<string> | true,
): Promise<Session | undefined> {
  const session = parts.sessions.current;
  if (!session) {
    await withinGuest(parts, (store) => eraseUnless(store, mayLose));
    return undefined;
  }
  await waitForSync(parts);
  try {
    return await within(parts, session, async (store, held) => {
      await eraseUnless(store, mayLose);
      await removeFrom(store.transaction);
      return held;
    });
  } catch (error) {
    if (isSignedOut(error)) return undefined;
    throw error;
  }
}

/** @throws HaleError `unsynced-edits` */
async function eraseUnless(store: UserStore, mayLose: ReadonlySet<string> | true): Promise<void> {
  const edits = [...(await store.outbox()), ...(await store.rejected())];
  const lost = edits.filter((edit) => mayLose !== true && !mayLose.has(nameOf(edit)));
  if (lost.length > 0)
    throw new HaleError(
      'unsynced-edits',
      `${lost.length} edits are only on this device: sync, export or discard them`,
    );
  await store.erase();
}

/**
 * Waits for a running sync of any tab, so that edits on their way arrive. The wait is limited, because a tab may hang;
 * signing out is safe without it.
 */
async function waitForSync(parts: Parts): Promise<void> {
  const { runtime } = parts;
  let cancel = (): void => undefined;
  const timeout = new Promise<void>((resolve) => {
    cancel = runtime.after(SYNC_WAIT_MS, resolve);
  });
  await Promise.race([timeout, runtime.lock(syncLock(parts), async () => undefined)]).finally(cancel);
}

/** Ends the session on the server. Without a connection the session expires there by itself. */
export async function endSession({ api }: Parts, { refresh_token }: Session): Promise<void> {
  await api.body(api.anonymous.POST('/api/auth/logout', { body: { refresh_token } })).catch(() => undefined);
}
