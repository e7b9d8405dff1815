/** The state of sync; each phase has only its own fields. */
export type State =
  | { readonly phase: 'signed_out' }
  | { readonly phase: 'idle' }
  | { readonly phase: 'pulling'; readonly done: number }
  | { readonly phase: 'pushing'; readonly done: number; readonly total: number }
  | { readonly phase: 'resetting'; readonly kind: 'expired' | 'digest' | 'epoch'; readonly done: number }
  | { readonly phase: 'offline' }
  | { readonly phase: 'backoff'; readonly until: number; readonly code: string }
  | { readonly phase: 'auth_required'; readonly code: string }
  | { readonly phase: 'upgrade_required'; readonly minVersion?: string }
  | { readonly phase: 'error'; readonly code: string };

export type Phase = State['phase'];

const WORKING: ReadonlySet<Phase> = new Set(['pulling', 'pushing', 'resetting']);

/** Whether a phase may come next. Every run begins with a pull; signing in or out is possible at any time. */
export function mayFollow(from: Phase, to: Phase): boolean {
  if (to === 'signed_out' || to === 'idle' || to === 'auth_required') return true;
  if (from === 'signed_out') return false;
  if (WORKING.has(to)) return to !== 'pushing' || WORKING.has(from);
  return to === 'offline' || from !== 'auth_required';
}

/** The next state. @throws for an impossible one, which is a defect of the client. */
export function move(from: State, to: State): State {
  if (!mayFollow(from.phase, to.phase)) throw new Error(`${from.phase} to ${to.phase}`);
  return to;
}

/** Phases that only a sign-in ends. A client that is too old still reads. */
export const isFinal = ({ phase }: State): boolean => phase === 'signed_out' || phase === 'auth_required';
