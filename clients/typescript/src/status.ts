import { CONFLICT } from './kinds.js';
import { type Parts, within } from './parts.js';
import { isSignedOut } from './problem.js';
import type { Stall, StallWatch } from './stall.js';
import type { Session } from './session.js';
import type { Phase, State } from './state.js';
import { type Device, readDevice } from './store.js';
import type { ConflictData } from './wire.js';

/** What an app shows about sync. Instants are milliseconds since 1970. */
export interface Status {
  readonly phase: Phase;
  readonly online: boolean;
  /** Edits that are not on the server yet. */
  readonly pendingCount: number;
  /** Milliseconds since the oldest of them was made. */
  readonly oldestPendingAge?: number;
  /** Edits the server refused. */
  readonly needsAttention: number;
  /** Open ones. */
  readonly conflicts: number;
  readonly lastPulledAt?: number;
  readonly lastPushedAt?: number;
  readonly progress?: { readonly done: number; readonly total?: number };
  /** How far the clock of the device is ahead of the server's. */
  readonly clockSkewMs: number;
  readonly nextRetryAt?: number;
  readonly lastError?: string;
  /** Nothing waits here, and everything from there is here. */
  readonly upToDate: boolean;
  /** Connected, and nothing moves: where it hangs. */
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
};

interface Running {
  readonly state: State;
  readonly lastError: string | undefined;
  readonly watch: StallWatch;
}

export async function readStatus(
  parts: Parts,
  session: Session | undefined,
  running: Running,
): Promise<Status> {
  const { runtime } = parts;
  const { state, lastError } = running;
  const general = {
    phase: state.phase,
    online: runtime.isOnline() && state.phase !== 'offline',
    ...progressOf(state),
    ...(state.phase === 'backoff' && { nextRetryAt: state.until }),
    ...(lastError !== undefined && { lastError }),
  };
  const counts = session && (await readCounts(parts, session));
  if (!counts) return { ...INITIAL, ...general };
  const { isWhole, ...kept } = counts;
  const isConnected = general.online && (state.phase === 'idle' || progressOf(state).progress !== undefined);
  const stalled = isConnected ? running.watch.reason(runtime.now(), kept.pendingCount > 0) : undefined;
  const upToDate = state.phase === 'idle' && kept.pendingCount === 0 && isWhole;
  return { ...general, ...kept, upToDate, ...(stalled && { stalled }) };
}

/** Nothing once the session is over. */
function readCounts(parts: Parts, session: Session) {
  const now = parts.runtime.now();
  const counted = within(parts, session, async (store) => {
    const [meta, device] = [await store.meta(), await readDevice(store.transaction, () => '')];
    const [oldest] = await store.outbox(1);
    const conflicts = await store.records(CONFLICT);
    return {
      // A bootstrap that has not finished left gaps.
      isWhole: meta.last_pulled_at !== undefined && meta.boot === undefined,
      pendingCount: await store.outboxSize(),
      ...(oldest && { oldestPendingAge: Math.max(0, now - oldest.edited_at) }),
      needsAttention: await store.rejectedSize(),
      conflicts: conflicts.filter(({ data }) => isOpen(data)).length,
      ...(meta.last_pulled_at !== undefined && { lastPulledAt: meta.last_pulled_at }),
      ...(meta.last_pushed_at !== undefined && { lastPushedAt: meta.last_pushed_at }),
      clockSkewMs: skewOf(device),
    };
  });
  return counted.catch((error: unknown) => {
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
