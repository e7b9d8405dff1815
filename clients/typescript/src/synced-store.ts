import { type Parts, within, withinGuest } from './parts.js';
import { HaleError } from './problem.js';
import type { RealtimeState } from './realtime.js';
import type { StoreAccess } from './records.js';
import type { Session } from './session.js';
import { Signal } from './signal.js';
import { INITIAL, readStatus, type Status } from './status.js';
import type { UserStore } from './store.js';
import { Engine } from './sync.js';
import { openChannel, type Tabs } from './tabs.js';

const LOOK_EVERY_MS = 30_000;

/** Connects the store, the engine and the listeners. */
export class SyncedStore implements StoreAccess {
  readonly status = new Signal<Status>(INITIAL);
  readonly engine: Engine;
  isStarted = false;
  private readonly watchers = new Map<string, Set<() => void>>();
  private readonly tabs: Tabs;
  private refreshing: Promise<void> | undefined;
  private isStale = false;
  private followed: Session | undefined;
  private cancelLook = (): void => undefined;

  /** @param switched called when somebody signs in or out, or the session ends. */
  constructor(
    private readonly parts: Parts,
    private readonly switched: () => void,
    private readonly realtime: () => RealtimeState,
  ) {
    this.engine = new Engine(parts, {
      moved: () => this.show([]),
      changed: () => this.changed(),
      left: () => this.follow(),
    });
    parts.sessions.profileChanged = () => this.changed();
    this.tabs = openChannel(parts.storage.name, () => void this.heard());
  }

  get runtime(): Parts['runtime'] {
    return this.parts.runtime;
  }

  async within<T>(work: (store: UserStore) => Promise<T>): Promise<T> {
    const session = this.parts.sessions.current;
    if (session) return within(this.parts, session, work);
    if (!this.parts.beforeSignIn) throw new HaleError('signed-out', 'nobody is signed in');
    const done = await withinGuest(this.parts, work);
    if (done) return done.result;
    await this.follow();
    return this.within(work);
  }

  /** Somebody signed in or out in this tab. */
  async signed(): Promise<void> {
    await this.follow();
    this.tabs.tell();
    await this.refresh();
  }

  /** Uses the stored session, whichever tab stored it. */
  async follow(): Promise<void> {
    const session = await this.parts.sessions.load();
    if (session?.id === this.followed?.id && session?.ended === this.followed?.ended) return;
    this.followed = session;
    this.engine.use(session);
    this.switched();
    // The visible records are those of another account, or none.
    this.show();
  }

  /** The WebSocket was opened or closed. */
  realtimeMoved(): void {
    this.status.set({ ...this.status.value, realtime: this.realtime() });
  }

  edited(kinds: ReadonlySet<string>): void {
    // At once, because reading the status takes a moment in which the app may look at it.
    if (this.status.value.upToDate) this.status.set({ ...this.status.value, upToDate: false });
    this.show(kinds);
    this.tabs.tell();
    this.engine.request();
  }

  watch(kind: string, listener: () => void): () => void {
    const own = (): void => listener();
    const listeners = this.watchers.get(kind) ?? new Set();
    this.watchers.set(kind, listeners.add(own));
    return () => listeners.delete(own);
  }

  start(): void {
    this.isStarted = true;
    this.engine.start();
    this.look();
  }

  stop(): void {
    this.isStarted = false;
    this.cancelLook();
    this.engine.stop();
  }

  async close(): Promise<void> {
    this.tabs.close();
    await this.refresh();
  }

  /** Pulls if the server is ahead of the local data. */
  async poked(epoch: string | undefined, head: string): Promise<void> {
    const meta = await this.within((store) => store.meta()).catch(() => undefined);
    const isNews = epoch !== undefined && epoch !== meta?.epoch;
    if (isNews || BigInt(head) > BigInt(meta?.seq ?? -1)) this.engine.wake();
  }

  /** Reads the status again; resolves when listeners have it. */
  refresh(): Promise<void> {
    this.isStale = true;
    this.refreshing ??= this.readAll().finally(() => (this.refreshing = undefined));
    return this.refreshing;
  }

  private async readAll(): Promise<void> {
    while (this.isStale) {
      this.isStale = false;
      const { lastError, watch } = this.engine;
      const running = { state: this.engine.state.value, lastError, watch };
      const status = await readStatus(this.parts, this.parts.sessions.current, running);
      this.status.set({ ...status, realtime: this.realtime() });
    }
  }

  /** The engine changed the store. */
  private changed(): void {
    this.show();
    this.tabs.tell();
  }

  /** Another tab changed the store; it may have signed in or out. */
  private async heard(): Promise<void> {
    await this.follow();
    this.show();
  }

  private show(kinds: Iterable<string> = [...this.watchers.keys()]): void {
    for (const kind of kinds) this.watchers.get(kind)?.forEach((listener) => listener());
    // A store that was closed in between has no status.
    void this.refresh().catch(() => undefined);
  }

  private look(): void {
    this.cancelLook();
    this.cancelLook = this.runtime.after(LOOK_EVERY_MS, () => {
      this.show([]);
      this.look();
    });
  }
}
