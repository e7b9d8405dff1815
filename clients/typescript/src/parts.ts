import type { Api } from './api.js';
import { uuidv7 } from './ids.js';
import type { KindDefinition } from './rules.js';
import type { Runtime } from './runtime.js';
import { heldIn, isHeldBySomebody, type Session, type Sessions } from './session.js';
import type { Storage, Transaction } from './storage/storage.js';
import { GUEST, readDevice, UserStore, writeDevice } from './store.js';

/** The objects that all parts of a client share. */
export interface Parts {
  readonly runtime: Runtime;
  readonly storage: Storage;
  readonly sessions: Sessions;
  readonly api: Api;
  /** The kinds of the app, by name. */
  readonly kinds: ReadonlyMap<string, KindDefinition>;
  /** Whether records can be used while nobody is signed in. */
  readonly beforeSignIn: boolean;
}

/**
 * One transaction on the data of an account. It is the only access to that data and works only while the session is valid, so late
 * work of this tab or another fails.
 * @throws HaleError `signed-out`
 */
export const within = <T>(
  { storage, kinds }: Pick<Parts, 'storage' | 'kinds'>,
  session: Session,
  work: (store: UserStore, held: Session) => Promise<T>,
): Promise<T> =>
  storage.transact(async (transaction) => {
    const held = await heldIn(transaction, session);
    return work(new UserStore(transaction, held.user.id, kinds), held);
  });

/**
 * One transaction on what was entered while nobody is signed in.
 * @returns undefined if somebody has signed in meanwhile, in another tab.
 */
export const withinGuest = <T>(
  { storage, kinds }: Pick<Parts, 'storage' | 'kinds'>,
  work: (store: UserStore) => Promise<T>,
): Promise<{ readonly result: T } | undefined> =>
  storage.transact(async (transaction) => {
    if (await isHeldBySomebody(transaction)) return undefined;
    return { result: await work(new UserStore(transaction, GUEST, kinds)) };
  });

/** Name of the lock that allows one run of sync at a time. */
export const syncLock = ({ storage }: Pick<Parts, 'storage'>): string => `${storage.name}:sync`;

/** Stores the difference between the clocks of device and server, measured at the middle of a request. */
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
