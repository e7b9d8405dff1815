import {
  type AskSecondFactor,
  endSession,
  type Login,
  prove,
  type Registration,
  signIn,
  signOut,
} from './account.js';
import { Api } from './api.js';
import { NeedsAttention } from './attention.js';
import { Conflicts } from './conflicts.js';
import { Desktop } from './desk.js';
import { exportOf, type Exported, nameOf } from './export.js';
import type { Kind, Kinds } from './kinds.js';
import type { Edit } from './outbox.js';
import type { Parts } from './parts.js';
import { HaleError } from './problem.js';
import { Realtime } from './realtime.js';
import { edit, Records } from './records.js';
import type { CycleReport } from './report.js';
import { type Runtime, systemRuntime } from './runtime.js';
import { Sessions, type User } from './session.js';
import type { Observable } from './signal.js';
import type { State } from './state.js';
import type { Status } from './status.js';
import type { Storage } from './storage/storage.js';

export interface Options {
  /** Where the service is, such as `https://hale.example.org`. */
  readonly url: string;
  readonly storage: Storage;
  /** The kinds this app shows; only these are pulled. */
  readonly kinds: readonly Kind[] | readonly string[];
  /** Version of the app, such as `2.4.0`: the operator may ask for a newer one. */
  readonly version?: string;
  /** Replaces parts of the surroundings: timers, network, WebSocket. */
  readonly runtime?: Partial<Runtime>;
  /** Whether to hear of changes by WebSocket; without, by polling only. */
  readonly realtime?: boolean;
}

/** The records of an account, here and on the server. */
export class Hale {
  readonly needsAttention: NeedsAttention;
  readonly conflicts: Conflicts;
  private readonly desk: Desktop;
  private readonly realtime: Realtime;
  private exported = new Set<string>();
  private endWake = (): void => undefined;

  /** Use {@link createClient}. */
  constructor(
    private readonly parts: Parts,
    private readonly options: Options,
  ) {
    this.desk = new Desktop(parts, () => this.listen());
    this.needsAttention = new NeedsAttention(this.desk);
    this.conflicts = new Conflicts(this.desk, parts.api, () => this.sync());
    this.realtime = new Realtime(options.url, parts.runtime, {
      token: (isRefused) => this.token(isRefused),
      poked: (epoch, head) => void this.desk.poked(epoch, head),
      revoked: () => void this.revoked(),
    });
  }

  /** The typed calls of the API, with the token of who is signed in. */
  get api(): Api['client'] {
    return this.parts.api.client;
  }

  get user(): User | undefined {
    return this.parts.sessions.current?.user;
  }

  get status(): Observable<Status> {
    return this.desk.status;
  }

  /** Takes up the session of the last time. */
  async open(): Promise<this> {
    await this.desk.follow();
    await this.desk.refresh();
    return this;
  }

  /** @throws HaleError `unverified` where the service asks for a mailed link to be followed before one signs in. */
  register(registration: Registration): Promise<User> {
    return this.enter(async (api, device) => {
      const body = { ...registration, ...device };
      const answer = await api.body(api.client.POST('/api/auth/register', { body }));
      if ('user' in answer) return answer;
      throw new HaleError('unverified', 'follow the link that was mailed, then sign in');
    });
  }

  /**
   * @param options.secondFactor asks the person for a code, where the account has a second factor.
   * @throws HaleError `second-factor` for who has one, without it.
   */
  login(login: Login, { secondFactor }: { readonly secondFactor?: AskSecondFactor } = {}): Promise<User> {
    return this.enter((api, device) => prove(api, { ...login, ...device }, secondFactor));
  }

  /**
   * Signs out, and removes the account's records from this device.
   * @throws HaleError `unsynced-edits` while edits are only here, unless they were exported or are discarded.
   */
  async logout({ discard = false }: { readonly discard?: boolean } = {}): Promise<void> {
    const session = await signOut(this.parts, discard || this.exported);
    // Everybody here is told first: the server may take its time.
    await this.desk.signed();
    if (session) await endSession(this.parts, session);
  }

  records<K extends Kind>(kind: K): Records<Kinds[K]['fields'], Kinds[K]['data']>;
  records<F extends object = Record<string, unknown>>(kind: string): Records<F>;
  records(kind: string): Records<object> {
    if (!this.parts.kinds.includes(kind))
      throw new HaleError('unknown-kind', `${kind} is not among the kinds of this client`);
    return new Records(this.desk, kind);
  }

  /** Edits of several records that hold together or not at all, here and on the server; one a record. */
  together(edits: readonly Edit[]): Promise<void> {
    return edit(this.desk, edits);
  }

  /** Syncs now; resolves with where that led, and never throws because of the network. */
  async sync(): Promise<State> {
    const state = await this.desk.engine.sync();
    await this.desk.refresh();
    return state;
  }

  /** From now on syncs by itself: after edits, when the server has news, when the app comes back, and in between. */
  start(): void {
    this.stop();
    const { runtime } = this.parts;
    this.endWake = runtime.onWake(() => {
      this.desk.engine.wake();
      this.realtime.wake();
    });
    this.desk.start();
    this.listen();
  }

  stop(): void {
    this.endWake();
    this.endWake = () => undefined;
    this.realtime.close();
    this.desk.stop();
  }

  /** Everything of the account that is here, edits included: a file for the person. */
  async export(): Promise<Exported> {
    const exported = await this.desk.within((store) => exportOf(store, this.parts.kinds));
    this.exported = new Set([...exported.pending, ...exported.needsAttention].map(nameOf));
    return exported;
  }

  /** The last 200 runs of sync, for a report: counts and codes, never what a record says. */
  report(): readonly CycleReport[] {
    return this.desk.engine.reports.all;
  }

  async close(): Promise<void> {
    this.stop();
    await this.desk.engine.settled();
    await this.desk.close();
    await this.parts.storage.close();
  }

  private async enter(call: Parameters<typeof signIn>[1]): Promise<User> {
    const session = await signIn(this.parts, call);
    await this.desk.signed();
    return session.user;
  }

  /** Hears of changes as whoever is signed in now. */
  private listen(): void {
    this.realtime.close();
    const { current } = this.parts.sessions;
    const isAble = current !== undefined && current.ended === undefined;
    if (isAble && this.desk.isStarted && this.options.realtime !== false) this.realtime.open();
  }

  private async token(isRefused: boolean): Promise<string> {
    const session = this.parts.sessions.current;
    if (!session || session.ended !== undefined) throw new HaleError('signed-out', 'nobody is signed in');
    const { access_token } = isRefused ? await this.parts.api.refresh(session) : session;
    return access_token;
  }

  private async revoked(): Promise<void> {
    const { sessions } = this.parts;
    const held = sessions.current && (await sessions.held(sessions.current).catch(() => undefined));
    if (held) await sessions.change(held, { ended: 'session-revoked' });
    await this.desk.signed();
  }
}

/** Opens a store, with the session and the edits of the last time. */
export async function createClient(options: Options): Promise<Hale> {
  const runtime = { ...systemRuntime(), ...options.runtime };
  const { storage, kinds } = options;
  const sessions = new Sessions(storage);
  const api = new Api({ ...options, name: storage.name }, runtime, sessions);
  return new Hale({ runtime, storage, sessions, api, kinds }, options).open();
}
