import { type Parts, within } from './parts.js';
import { HaleError } from './problem.js';
import type { Desk } from './records.js';
import type { Session } from './session.js';
import { Signal } from './signal.js';
import { INITIAL, readStatus, type Status } from './status.js';
import type { UserStore } from './store.js';
import { Engine } from './sync.js';
import { openChannel, type Tabs } from './tabs.js';

const LOOK_EVERY_MS = 30_000;

/** Where the store, the engine and those who watch them meet. */
export class Desktop implements Desk {
  readonly status = new Signal<Status>(INITIAL);
  readonly engine: Engine;
  isStarted = false;
  private readonly watchers = new Map<string, Set<() => void>>();
  private readonly tabs: Tabs;
  private refreshing: Promise<void> | undefined;
  private isStale = false;
  private followed: Session | undefined;
  private cancelLook = (): void => undefined;

  /** @param switched when somebody else is signed in, or nobody, or the session ended. */
  constructor(
    private readonly parts: Parts,
    private readonly switched: () => void,
  ) {
    this.engine = new Engine(parts, {
      moved: () => this.show([]),
      changed: () => this.changed(),
      left: () => this.follow(),
    });
    this.tabs = openChannel(parts.storage.name, () => void this.heard());
  }

  get runtime(): Parts['runtime'] {
    return this.parts.runtime;
  }

  async within<T>(work: (store: UserStore) => Promise<T>): Promise<T> {
    const session = this.parts.sessions.current;
    if (!session) throw new HaleError('signed-out', 'nobody is signed in');
    return within(this.parts, session, work);
  }

  /** Somebody signed in or out, here. */
  async signed(): Promise<void> {
    await this.follow();
    this.tabs.tell();
    await this.refresh();
  }

  /** Takes up the session that is stored, wherever it comes from. */
  async follow(): Promise<void> {
    const session = await this.parts.sessions.load();
    if (session?.id === this.followed?.id && session?.ended === this.followed?.ended) return;
    this.followed = session;
    this.engine.use(session);
    this.switched();
    // Other records, or none.
    this.show();
  }

  edited(kinds: ReadonlySet<string>): void {
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

  /** Pulls when the server is further than what is here. */
  async poked(epoch: string | undefined, head: string): Promise<void> {
    const meta = await this.within((store) => store.meta()).catch(() => undefined);
    const isNews = epoch !== undefined && epoch !== meta?.epoch;
    if (isNews || BigInt(head) > BigInt(meta?.seq ?? -1)) this.engine.wake();
  }

  /** Reads the status anew; resolves when it is shown. */
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
      this.status.set(status);
    }
  }

  /** The engine did something. */
  private changed(): void {
    this.show();
    this.tabs.tell();
  }

  /** Another tab did something; it may have signed in or out. */
  private async heard(): Promise<void> {
    await this.follow();
    this.show();
  }

  private show(kinds: Iterable<string> = [...this.watchers.keys()]): void {
    for (const kind of kinds) this.watchers.get(kind)?.forEach((listener) => listener());
    // A store that was closed meanwhile has no status any more.
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
