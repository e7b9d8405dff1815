import { endSession, signOut } from './account.js';
import { Api } from './api.js';
import { NeedsAttention } from './attention.js';
import { bindMethods } from './bound.js';
import { Conflicts } from './conflicts.js';
import { SyncedStore } from './synced-store.js';
import { exportOf, type Exported, nameOf } from './export.js';
import { definitionsOf } from './kinds.js';
import type { Kind, Kinds } from './kinds.generated.js';
import type { Edit } from './outbox.js';
import type { Parts } from './parts.js';
import { HaleError } from './problem.js';
import { Realtime } from './realtime.js';
import { edit, type EditOf, Records } from './records.js';
import type { CycleReport } from './report.js';
import type { KindDefinition } from './rules.js';
import { type Runtime, systemRuntime } from './runtime.js';
import { Sessions, type User } from './session.js';
import {
  type AskSecondFactor,
  type Login,
  prove,
  register,
  type Registration,
  signIn,
  type SignInMethod,
} from './sign-in.js';
import type { Observable } from './signal.js';
import type { State } from './state.js';
import type { Status } from './status.js';
import type { Storage } from './storage/storage.js';
import { keepDefinitions } from './store.js';

export interface Options<K extends Kind = Kind> {
  /** URL of the service, such as `https://hale.example.org`. */
  readonly url: string;
  readonly storage: Storage;
  /** The kinds this app shows, from `@hale/client/kinds`; only these are pulled. */
  readonly kinds: readonly KindDefinition<K>[];
  /** Version of the app, such as `2.4.0`: the operator may ask for a newer one. */
  readonly version?: string;
  /** Replaces parts of the environment: timers, network, WebSocket. */
  readonly runtime?: Partial<Runtime>;
  /** Whether to use a WebSocket for announcements of changes; otherwise only polling. */
  readonly realtime?: boolean;
  /**
   * Whether records can be used before anybody has signed in; they belong to the account that signs in next. True unless
   * set: an app for several people on one device sets it to false.
   */
  readonly beforeSignIn?: boolean;
}

/** The records of an account, on the device and on the server. */
export class Hale<K extends Kind = Kind> {
  readonly needsAttention: NeedsAttention;
  readonly conflicts: Conflicts;
  private readonly store: SyncedStore;
  private readonly realtime: Realtime;
  private exported = new Set<string>();
  private endWake = (): void => undefined;

  /** Use {@link createClient}. */
  constructor(
    private readonly parts: Parts,
    private readonly options: Options<K>,
  ) {
    bindMethods(this);
    this.store = new SyncedStore(
      parts,
      () => this.listen(),
      () => this.realtime.state,
    );
    this.needsAttention = new NeedsAttention(this.store);
    this.conflicts = new Conflicts(this.store, parts.api, () => this.sync());
    this.realtime = new Realtime(options.url, parts.runtime, {
      token: (isRefused) => this.token(isRefused),
      poked: (epoch, head) => void this.store.poked(epoch, head),
      revoked: () => void this.revoked(),
      moved: () => this.store.realtimeMoved(),
    });
  }

  /** The typed calls of the API, with the token of the signed-in person. */
  get api(): Api['client'] {
    return this.parts.api.client;
  }

  /** The signed-in person, with the profile as this device knows it. */
  get user(): User | undefined {
    return this.parts.sessions.current?.user;
  }

  /**
   * The profile as the server has it. It is also read now and then by {@link sync}, and whenever `api` reads or changes it.
   * @throws ProblemError @throws Unreachable
   */
  profile(): Promise<User> {
    return this.parts.api.body(this.api.GET('/api/users/me'));
  }

  get status(): Observable<Status> {
    return this.store.status;
  }

  /** Continues with the stored session. */
  async open(): Promise<this> {
    await this.store.follow();
    await this.store.refresh();
    return this;
  }

  /** @throws HaleError `unverified` if the service requires a verified address: the person must follow the mailed link first. */
  register(registration: Registration): Promise<User> {
    return this.enter((api, device) => register(api, { ...registration, ...device }));
  }

  /** By e-mail and password. See {@link signInWith}. */
  login(login: Login, options: { readonly secondFactor?: AskSecondFactor } = {}): Promise<User> {
    return this.signInWith(login, options);
  }

  /**
   * Signs in by a provider, a passkey, a password, a second factor, or tokens. What was entered before belongs to the account.
   * @param options.secondFactor asks the person for a code if the account has a second factor.
   * @throws HaleError `second-factor` if the account has one and no function was given.
   */
  signInWith(
    method: SignInMethod,
    { secondFactor }: { readonly secondFactor?: AskSecondFactor } = {},
  ): Promise<User> {
    return this.enter((api, device) => prove(api, method, device, secondFactor));
  }

  /**
   * Signs out and removes the account's data from this device.
   * @throws HaleError `unsynced-edits` if some edits exist only on this device and were neither exported nor discarded.
   */
  async logout({ discard = false }: { readonly discard?: boolean } = {}): Promise<void> {
    const session = await signOut(this.parts, discard || this.exported);
    // The listeners first, because the server may be slow.
    await this.store.signed();
    if (session) await endSession(this.parts, session);
  }

  /** @throws HaleError `unknown-kind` if the client was not made for the kind. */
  records<Name extends K>(kind: Name): Records<Kinds[Name]['fields'], Kinds[Name]['data']> {
    return new Records(this.store, this.definitionOf(kind));
  }

  /**
   * Edits of several records that are applied completely or not at all, here and on the server; one per record.
   * @throws HaleError `unknown-kind`, `not-found`, `invalid`, `too-many-edits`
   */
  async together(edits: readonly EditOf<K>[]): Promise<void> {
    for (const { kind } of edits) this.definitionOf(kind);
    await edit(this.store, edits as readonly Edit[]);
  }

  /** Syncs now. Resolves with the resulting state, and never throws because of the network. */
  async sync(): Promise<State> {
    const state = await this.store.engine.sync();
    await this.store.refresh();
    return state;
  }

  /** Syncs automatically from then on: after edits, after announcements of the server, when the app comes back, and regularly. */
  start(): void {
    this.stop();
    const { runtime } = this.parts;
    this.endWake = runtime.onWake(() => {
      this.store.engine.wake();
      this.realtime.wake();
    });
    this.store.start();
    this.listen();
  }

  stop(): void {
    this.endWake();
    this.endWake = () => undefined;
    this.realtime.close();
    this.store.stop();
  }

  /** The records of the app's kinds on this device, and all edits: a file for the person. */
  async export(): Promise<Exported> {
    const exported = await this.store.within((store) => exportOf(store, this.parts.kinds.keys()));
    this.exported = new Set([...exported.pending, ...exported.needsAttention].map(nameOf));
    return exported;
  }

  /** The last 200 runs of sync, for a report: numbers and codes, never values. */
  report(): readonly CycleReport[] {
    return this.store.engine.reports.all;
  }

  async close(): Promise<void> {
    this.stop();
    await this.store.engine.settled();
    await this.store.close();
    await this.parts.storage.close();
  }

  private definitionOf(kind: string): KindDefinition {
    const { kinds } = this.parts;
    const definition = kinds.get(kind);
    if (definition) return definition;
    const names = [...kinds.keys()].join(', ');
    throw new HaleError('unknown-kind', `${kind} is not among the kinds of this client (${names})`);
  }

  private async enter(call: Parameters<typeof signIn>[1]): Promise<User> {
    const session = await signIn(this.parts, call);
    await this.store.signed();
    return session.user;
  }

  /** Opens the WebSocket for the signed-in person. */
  private listen(): void {
    this.realtime.close();
    const { current } = this.parts.sessions;
    const isAble = current !== undefined && current.ended === undefined;
    if (isAble && this.store.isStarted && this.options.realtime !== false) this.realtime.open();
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
    await this.store.signed();
  }
}

/**
 * Opens a store, with the stored session and edits.
 * @throws HaleError `unknown-kind` if `kinds` has something that is no definition.
 */
export async function createClient<const K extends Kind>(options: Options<K>): Promise<Hale<K>> {
  const kinds = definitionsOf(options.kinds);
  const runtime = { ...systemRuntime(), ...options.runtime };
  const { storage, beforeSignIn = true } = options;
  // A device that is full can still be read and exported; the definitions serve later versions of the app only.
  await storage
    .transact((transaction) => keepDefinitions(transaction, kinds.values()))
    .catch(() => undefined);
  const sessions = new Sessions(storage);
  const api = new Api({ ...options, name: storage.name }, runtime, sessions);
  return new Hale({ runtime, storage, sessions, api, kinds, beforeSignIn }, options).open();
}
