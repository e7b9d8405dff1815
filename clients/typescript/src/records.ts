import { bindMethods } from './bound.js';
import { copyOf } from './copy.js';
import { enter } from './edits.js';
import { asId, uuidv7 } from './ids.js';
import { type View, viewOf } from './merge/view.js';
import type { Kind, Kinds } from './kinds.generated.js';
import { Live, type Loaded } from './live.js';
import type { Edit } from './outbox.js';
import { type Query, select } from './query.js';
import type { KindDefinition } from './rules.js';
import type { Runtime } from './runtime.js';
import type { Observable } from './signal.js';
import type { UserStore } from './store.js';

/** A record as the person sees it, with the fields of its kind. */
export interface Item<F, D> extends Omit<View, 'fields'> {
  /** The entered fields, and derived fields once the server has computed them. */
  readonly fields: Readonly<F & Partial<D>>;
}

/** A query of one kind. */
export type QueryOf<K extends Kind> = Query<keyof (Kinds[K]['fields'] & Kinds[K]['data']) & string>;

/** An edit of one of several records. An update names the fields that change. */
export type EditOf<K extends Kind> = {
  [Name in K]: { readonly kind: Name; readonly id: string } & (
    | { readonly op: 'create'; readonly fields: Kinds[Name]['fields'] }
    | { readonly op: 'update'; readonly fields: Partial<Kinds[Name]['fields']> }
    | { readonly op: 'delete'; readonly fields?: undefined }
  );
}[K];

/** Access of records to the store of the signed-in person, or of what was entered before anybody signs in. */
export interface StoreAccess {
  readonly runtime: Runtime;
  /** @throws HaleError `signed-out` */
  within<T>(work: (store: UserStore) => Promise<T>): Promise<T>;
  /** Called after edits: notifies listeners and starts a sync. */
  edited(kinds: ReadonlySet<string>): void;
  watch(kind: string, listener: () => void): () => void;
}

/** Stores edits in one transaction; several are one group on the server. */
export async function edit(access: StoreAccess, edits: readonly Edit[]): Promise<void> {
  // A copy, because the app may change its objects afterwards.
  const own = copyOf(edits);
  access.edited(await access.within((store) => enter(store, access.runtime, own)));
}

/** The records of one kind: read and written locally, sent when there is a connection. */
export class Records<F extends object, D = F> {
  readonly kind: string;

  constructor(
    private readonly access: StoreAccess,
    private readonly definition: KindDefinition,
  ) {
    this.kind = definition.kind;
    bindMethods(this);
  }

  /** @returns the id of the new record. */
  async create(fields: F, id: string = uuidv7(this.access.runtime)): Promise<string> {
    await this.edit(id, 'create', fields);
    return asId(id);
  }

  /**
   * Fields that are left out do not change. The others of a group, such as the unit of a value, are taken from the record as
   * it is shown. @throws HaleError `not-found`, `invalid`
   */
  update(id: string, fields: Partial<F>): Promise<void> {
    return this.edit(id, 'update', fields);
  }

  /** Creates the record, or updates an existing one. */
  async put(id: string, fields: F): Promise<void> {
    const own = copyOf(fields);
    const kinds = await this.access.within(async (store) => {
      const exists = (await this.view(store, id)) !== undefined;
      return enter(store, this.access.runtime, [this.editOf(id, exists ? 'update' : 'create', own)]);
    });
    this.access.edited(kinds);
  }

  delete(id: string): Promise<void> {
    return this.edit(id, 'delete');
  }

  get(id: string): Promise<Item<F, D> | undefined> {
    return this.access.within((store) => this.view(store, id));
  }

  /**
   * The records of the query. Without one these are all, in the order of their ids; ids created here sort by time of creation.
   */
  async list(query?: Query<keyof (F & D) & string>): Promise<Item<F, D>[]> {
    const items = await this.all();
    return query ? select(this.definition, items, query) : items;
  }

  /** The same as a value that is read again whenever records of the kind may have changed. */
  observe(query?: Query<keyof (F & D) & string>): Observable<Loaded<Item<F, D>[]>> {
    return new Live(() => this.list(query), this.watch);
  }

  private all(): Promise<Item<F, D>[]> {
    return this.access.within(async (store) => {
      const edits = await store.editsIn(this.kind);
      const copies = new Map((await store.records(this.kind)).map((copy) => [copy.id, copy]));
      const ids = [...new Set([...copies.keys(), ...edits.keys()])].toSorted();
      return ids
        .map((id) => viewOf(copies.get(id), edits.get(id) ?? []) as Item<F, D> | undefined)
        .filter((item) => item !== undefined);
    });
  }

  /** Calls the listener whenever records of the kind may have changed. @returns a function that ends it. */
  watch(listener: () => void): () => void {
    return this.access.watch(this.kind, listener);
  }

  private async view(store: UserStore, given: string): Promise<Item<F, D> | undefined> {
    const id = asId(given);
    const view = viewOf(await store.record(this.kind, id), await store.editsOf(this.kind, id));
    return view as Item<F, D> | undefined;
  }

  private edit(id: string, op: Edit['op'], fields?: object): Promise<void> {
    return edit(this.access, [this.editOf(id, op, fields)]);
  }

  private editOf(id: string, op: Edit['op'], fields?: object): Edit {
    return { kind: this.kind, id, op, ...(fields && { fields: { ...fields } }) };
  }
}
