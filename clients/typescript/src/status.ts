import { CONFLICT } from './kinds.js';
import { type Parts, within, withinGuest } from './parts.js';
import { isSignedOut } from './problem.js';
import type { RealtimeState } from './realtime.js';
import type { Stall, StallWatch } from './stall.js';
import type { Session } from './session.js';
import type { Phase, State } from './state.js';
import { type Device, readDevice, type UserStore } from './store.js';
import type { ConflictData } from './wire.js';

/** The status of sync for the app to show. Instants are milliseconds since 1970. */
export interface Status {
  readonly phase: Phase;
  readonly online: boolean;
  /** Number of edits that the server does not have yet. */
  readonly pendingCount: number;
  /** Milliseconds since the oldest of them was made; absent if there are none. */
  readonly oldestPendingAge?: number;
  /** Number of edits that the server refused. */
  readonly needsAttention: number;
  /** Number of open conflicts. */
  readonly conflicts: number;
  readonly lastPulledAt?: number;
  readonly lastPushedAt?: number;
  readonly progress?: { readonly done: number; readonly total?: number };
  /** How many milliseconds the clock of the device is ahead of the server's. */
  readonly clockSkewMs: number;
  readonly nextRetryAt?: number;
  readonly lastError?: string;
  /** Whether no edit waits or was refused, and all changes of the server have been received. */
  readonly upToDate: boolean;
  /** How changes of other devices arrive. */
  readonly realtime: RealtimeState;
  /** The step in which sync has a connection but makes no progress; absent otherwise. */
  readonly stalled?: Stall;
}

export const INITIAL: Status = {
  phase: 'signed_out',
  online: true,
  pendingCount: 0,
  needsAttention: 0,
  conflicts: 0,
  clockSkewMs: 0,
  upToDate: false,
  realtime: 'off',
};

interface Running {
  readonly state: State;
  readonly lastError: string | undefined;
  readonly watch: StallWatch;
}

/** The status except for the WebSocket, which has nothing to do with the store. */
export async function readStatus(
  parts: Parts,
  session: Session | undefined,
  running: Running,
): Promise<Omit<Status, 'realtime'>> {
  const { runtime } = parts;
  const { state, lastError } = running;
  const general = {
    phase: state.phase,
    online: runtime.isOnline() && state.phase !== 'offline',
    ...progressOf(state),
    ...(state.phase === 'backoff' && { nextRetryAt: state.until }),
    ...(lastError !== undefined && { lastError }),
  };
  const counts = await readCounts(parts, session);
  if (!counts) return { ...INITIAL, ...general };
  const { isWhole, ...kept } = counts;
  const isConnected = general.online && (state.phase === 'idle' || progressOf(state).progress !== undefined);
  const stalled = isConnected ? running.watch.reason(runtime.now(), kept.pendingCount > 0) : undefined;
  const isSent = kept.pendingCount === 0 && kept.needsAttention === 0;
  const upToDate = state.phase === 'idle' && isSent && isWhole;
  return { ...general, ...kept, upToDate, ...(stalled && { stalled }) };
}

/** Undefined after the session has ended. */
async function readCounts(parts: Parts, session: Session | undefined) {
  const now = parts.runtime.now();
  const count = async (store: UserStore) => {
    const [meta, device] = [await store.meta(), await readDevice(store.transaction, () => '')];
    const [oldest] = await store.outbox(1);
    const conflicts = await store.records(CONFLICT);
    return {
      // After an unfinished bootstrap records are missing.
      isWhole: meta.last_pulled_at !== undefined && meta.boot === undefined,
      pendingCount: await store.outboxSize(),
      ...(oldest && { oldestPendingAge: Math.max(0, now - oldest.edited_at) }),
      needsAttention: await store.rejectedSize(),
      conflicts: conflicts.filter(({ data }) => isOpen(data)).length,
      ...(meta.last_pulled_at !== undefined && { lastPulledAt: meta.last_pulled_at }),
      ...(meta.last_pushed_at !== undefined && { lastPushedAt: meta.last_pushed_at }),
      clockSkewMs: skewOf(device),
    };
  };
  if (!session) return (await withinGuest(parts, count))?.result;
  return within(parts, session, count).catch((error: unknown) => {
    if (isSignedOut(error)) return undefined;
    throw error;
  });
}

const skewOf = ({ server_offset }: Device): number => (server_offset === 0 ? 0 : -server_offset);

export const isOpen = (data: unknown): data is ConflictData =>
  (data as Partial<ConflictData> | null)?.status === 'open';

function progressOf(state: State): Pick<Status, 'progress'> {
  if (state.phase === 'pushing') return { progress: { done: state.done, total: state.total } };
  if (state.phase === 'pulling' || state.phase === 'resetting') return { progress: { done: state.done } };
  return {};
}
