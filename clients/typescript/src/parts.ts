import type { Api } from './api.js';
import { uuidv7 } from './ids.js';
import type { Runtime } from './runtime.js';
import { heldIn, type Session, type Sessions } from './session.js';
import type { Storage, Transaction } from './storage/storage.js';
import { readDevice, UserStore, writeDevice } from './store.js';

/** What the parts of a client share. */
export interface Parts {
  readonly runtime: Runtime;
  readonly storage: Storage;
  readonly sessions: Sessions;
  readonly api: Api;
  readonly kinds: readonly string[];
}

/**
 * One transaction on what an account keeps here: the only way to it, and only while the session holds. So whatever comes
 * late, in this tab or another, finds the door closed.
 * @throws HaleError `signed-out`
 */
export const within = <T>(
  { storage }: Pick<Parts, 'storage'>,
  session: Session,
  work: (store: UserStore, held: Session) => Promise<T>,
): Promise<T> =>
  storage.transact(async (transaction) => {
    const held = await heldIn(transaction, session);
    return work(new UserStore(transaction, held.user.id), held);
  });

/** The name of the lock for one run of sync at a time. */
export const syncLock = ({ storage }: Pick<Parts, 'storage'>): string => `${storage.name}:sync`;

/** Keeps how far the clock of the device is from the server's, taken at the middle of a request. */
export async function keepOffset(
  transaction: Transaction,
  runtime: Runtime,
  serverTime: string,
  sentAt: number,
): Promise<void> {
  const device = await readDevice(transaction, () => uuidv7(runtime));
  const server_offset = Math.round(Date.parse(serverTime) - (sentAt + runtime.now()) / 2);
  if (Number.isFinite(server_offset)) await writeDevice(transaction, { ...device, server_offset });
}
