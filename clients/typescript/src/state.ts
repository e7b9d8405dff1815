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

const WORKING: readonly Phase[] = ['pulling', 'pushing', 'resetting'];
const STOPPED: readonly Phase[] = [
  'offline',
  'backoff',
  'auth_required',
  'upgrade_required',
  'error',
  'idle',
];

/** Allowed next phases. Every run begins with a pull; signing in or out is possible at any time. */
const FOLLOWS: Readonly<Record<Phase, readonly Phase[]>> = {
  signed_out: ['idle', 'auth_required'],
  idle: ['pulling', 'resetting', ...STOPPED],
  pulling: [...WORKING, ...STOPPED],
  pushing: [...WORKING, ...STOPPED],
  resetting: [...WORKING, ...STOPPED],
  offline: ['pulling', 'resetting', ...STOPPED],
  backoff: ['pulling', 'resetting', ...STOPPED],
  auth_required: ['idle', 'pulling', 'resetting', 'auth_required', 'offline'],
  upgrade_required: ['pulling', 'resetting', ...STOPPED],
  error: ['pulling', 'resetting', ...STOPPED],
};

export const mayFollow = (from: Phase, to: Phase): boolean =>
  to === 'signed_out' || FOLLOWS[from].includes(to);

/** The next state. @throws for an impossible one, which is a defect of the client. */
export function move(from: State, to: State): State {
  if (!mayFollow(from.phase, to.phase)) throw new Error(`sync went from ${from.phase} to ${to.phase}`);
  return to;
}

/** Phases that only a sign-in ends. A client that is too old still reads. */
export const isFinal = ({ phase }: State): boolean => phase === 'signed_out' || phase === 'auth_required';
