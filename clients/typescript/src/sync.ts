import { type Counts, Cycle } from './cycle.js';
import { SyncError } from './guard.js';
import { type Parts, syncLock } from './parts.js';
import { HaleError, isOver, ProblemError, Unreachable } from './problem.js';
import { Reports } from './report.js';
import { CAP_MS, HIDDEN_CAP_MS, retryDelay } from './retry.js';
import type { Session } from './session.js';
import { Signal } from './signal.js';
import { StallWatch } from './stall.js';
import { isFinal, move, type State } from './state.js';

const POLL_MS = 60_000;

interface EngineListener {
  /** The state has changed. */
  moved(): void;
  /** Records have changed. */
  changed(): void;
  /** The session of the run has ended: continue with whoever is signed in now. */
  left(): Promise<void>;
}

/** Runs sync when it is due: one run at a time, and always with a next one planned. */
export class Engine {
  readonly state = new Signal<State>({ phase: 'signed_out' });
  readonly reports = new Reports();
  readonly watch = new StallWatch();
  lastError: string | undefined;
  private cycle: Cycle | undefined;
  private running: Promise<void> | undefined;
  private isStale = false;
  private failures = 0;
  private isStarted = false;
  private cancelTimer = (): void => undefined;

  constructor(
    private readonly parts: Parts,
    private readonly listener: EngineListener,
  ) {}

  /** Sets the session. A run for another session ends by itself and reports nothing more. */
  use(session: Session | undefined): void {
    if (session?.id !== this.cycle?.session.id) this.lastError = undefined;
    this.cycle = undefined;
    this.failures = 0;
    if (!session) return this.enter({ phase: 'signed_out' });
    const { ended } = session;
    const cycle: Cycle = new Cycle(this.parts, session, {
      enter: (state) => this.cycle === cycle && this.enter(state),
      changed: () => this.listener.changed(),
      watch: this.watch,
    });
    this.cycle = cycle;
    if (this.state.value.phase === 'signed_out' || ended === undefined) this.enter({ phase: 'idle' });
    if (ended !== undefined) this.enter({ phase: 'auth_required', code: ended });
    else if (this.isStarted) this.request();
  }

  start(): void {
    this.isStarted = true;
    this.wake();
  }

  stop(): void {
    this.isStarted = false;
    this.cancelTimer();
  }

  /** Network, screen or a poke: further waiting is useless. */
  wake(): void {
    this.failures = 0;
    if (this.running) this.isStale = true;
    else if (this.isStarted && !isFinal(this.state.value)) this.schedule(0);
  }

  /** There is something to send. A delay that the server requested is kept. */
  request(): void {
    if (this.running) this.isStale = true;
    else if (this.isStarted && ['idle', 'offline'].includes(this.state.value.phase)) this.schedule(0);
  }

  /** Runs at least once from now on, also during another run; resolves when no run is left. */
  async sync(): Promise<State> {
    if (!this.cycle) return this.state.value;
    this.isStale = true;
    this.running ??= this.runAll();
    await this.running;
    return this.state.value;
  }

  /** Resolves after the current run, if any. */
  async settled(): Promise<void> {
    await this.running;
  }

  private async runAll(): Promise<void> {
    this.cancelTimer();
    try {
      while (this.isStale && this.cycle) {
        this.isStale = false;
        await this.run(this.cycle);
        // An edit during a failed run waits for the next run.
        if (this.state.value.phase !== 'idle') break;
      }
    } finally {
      // Set synchronously, so that later requests start another run.
      this.running = undefined;
      this.plan();
    }
  }

  private async run(cycle: Cycle): Promise<void> {
    const { runtime } = this.parts;
    const counts: Counts = { pulled: 0, pushed: 0, results: {} };
    const begun = runtime.now();
    if (cycle.session.ended !== undefined) return;
    if (!runtime.isOnline()) return this.enter({ phase: 'offline' });
    this.watch.begin(begun);
    let code: string | undefined;
    try {
      await runtime.lock(syncLock(this.parts), () => cycle.run(counts));
      if (this.cycle === cycle) this.succeed();
    } catch (error) {
      code = codeOf(error);
      if (this.cycle === cycle) await this.fail(cycle, error, code);
    }
    this.watch.end();
    const at = new Date(begun).toISOString();
    const ended = this.state.value.phase;
    this.reports.add({ at, milliseconds: runtime.now() - begun, ...counts, ended, ...(code && { code }) });
  }

  private succeed(): void {
    this.failures = 0;
    this.lastError = undefined;
    this.enter({ phase: 'idle' });
  }

  private async fail(cycle: Cycle, error: unknown, code: string): Promise<void> {
    const { runtime } = this.parts;
    this.failures += 1;
    this.lastError = code;
    // If the store cannot be read now, the next run asks again who is signed in.
    if (isOver(error)) await this.listener.left().catch(() => undefined);
    if (this.cycle !== cycle) return;
    if (error instanceof ProblemError && error.status === 426)
      return this.enter({ phase: 'upgrade_required', minVersion: error.text('min_version') });
    const isTemporary = error instanceof Unreachable || (error instanceof ProblemError && error.isTemporary);
    if (!isTemporary) return this.enter({ phase: 'error', code });
    const wait = error instanceof ProblemError ? error.retryAfter : undefined;
    this.enter({ phase: 'backoff', until: runtime.now() + this.delay(wait), code });
  }

  private delay(wait?: number): number {
    const { runtime } = this.parts;
    const cap = runtime.isVisible() ? CAP_MS : HIDDEN_CAP_MS;
    return retryDelay(Math.max(1, this.failures), runtime.random(), wait, cap);
  }

  /** Plans the next run, also after a failure. */
  private plan(): void {
    const state = this.state.value;
    if (!this.isStarted || isFinal(state)) return;
    if (state.phase === 'backoff') this.schedule(Math.max(0, state.until - this.parts.runtime.now()));
    else this.schedule(state.phase === 'error' ? Math.max(POLL_MS, this.delay()) : POLL_MS);
  }

  private schedule(milliseconds: number): void {
    this.cancelTimer();
    this.cancelTimer = this.parts.runtime.after(milliseconds, () => void this.sync());
  }

  private enter(state: State): void {
    this.state.set(move(this.state.value, state));
    this.listener.moved();
  }
}

function codeOf(error: unknown): string {
  if (error instanceof ProblemError || error instanceof Unreachable) return error.code;
  if (error instanceof SyncError || error instanceof HaleError) return error.code;
  return error instanceof Error ? `client-${error.name}` : 'client-error';
}
