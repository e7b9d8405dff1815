import { enter } from './edits.js';
import { asId, uuidv7 } from './ids.js';
import { type View, viewOf } from './merge/view.js';
import type { Edit } from './outbox.js';
import type { Runtime } from './runtime.js';
import type { UserStore } from './store.js';

/** A record as the person sees it, with the fields of its kind. */
export interface Item<F, D> extends Omit<View, 'fields'> {
  /** What was entered, and what the server works out besides, once it has. */
  readonly fields: Readonly<F & Partial<D>>;
}

/** How records reach the store of whoever is signed in. */
export interface Desk {
  readonly runtime: Runtime;
  /** @throws HaleError `signed-out` */
  within<T>(work: (store: UserStore) => Promise<T>): Promise<T>;
  /** Edits were made: others are told, and sync is due. */
  edited(kinds: ReadonlySet<string>): void;
  watch(kind: string, listener: () => void): () => void;
}

/** Edits as one transaction, and one group on the server when they are more than one. */
export async function edit(desk: Desk, edits: readonly Edit[]): Promise<void> {
  // The app may go on changing what it passed.
  const own = structuredClone(edits) as Edit[];
  desk.edited(await desk.within((store) => enter(store, desk.runtime, own)));
}

/** The records of one kind: read at once, written at once, sent when there is a connection. */
export class Records<F extends object, D = F> {
  constructor(
    private readonly desk: Desk,
    readonly kind: string,
  ) {}

  /** @returns the id of the new record. */
  async create(fields: F, id: string = uuidv7(this.desk.runtime)): Promise<string> {
    await this.edit(id, 'create', fields);
    return asId(id);
  }

  /** Fields that are left out stay as they are; fields that belong together, such as value and unit, go together. */
  update(id: string, fields: Partial<F>): Promise<void> {
    return this.edit(id, 'update', fields);
  }

  /** Creates the record, or changes the one there is. */
  async put(id: string, fields: F): Promise<void> {
    const own = structuredClone(fields);
    const kinds = await this.desk.within(async (store) => {
      const exists = (await this.view(store, id)) !== undefined;
      return enter(store, this.desk.runtime, [this.editOf(id, exists ? 'update' : 'create', own)]);
    });
    this.desk.edited(kinds);
  }

  delete(id: string): Promise<void> {
    return this.edit(id, 'delete');
  }

  get(id: string): Promise<Item<F, D> | undefined> {
    return this.desk.within((store) => this.view(store, id));
  }

  /** All of them, in the order of their ids: with ids made here, in the order they were made. */
  list(): Promise<Item<F, D>[]> {
    return this.desk.within(async (store) => {
      const edits = await store.editsIn(this.kind);
      const copies = new Map((await store.records(this.kind)).map((copy) => [copy.id, copy]));
      const ids = [...new Set([...copies.keys(), ...edits.keys()])].toSorted();
      return ids
        .map((id) => viewOf(copies.get(id), edits.get(id) ?? []) as Item<F, D> | undefined)
        .filter((item) => item !== undefined);
    });
  }

  /** Calls the listener whenever records of the kind may have changed; the result ends it. */
  watch(listener: () => void): () => void {
    return this.desk.watch(this.kind, listener);
  }

  private async view(store: UserStore, given: string): Promise<Item<F, D> | undefined> {
    const id = asId(given);
    const view = viewOf(await store.record(this.kind, id), await store.editsOf(this.kind, id));
    return view as Item<F, D> | undefined;
  }

  private edit(id: string, op: Edit['op'], fields?: object): Promise<void> {
    return edit(this.desk, [this.editOf(id, op, fields)]);
  }

  private editOf(id: string, op: Edit['op'], fields?: object): Edit {
    return { kind: this.kind, id, op, ...(fields && { fields: { ...fields } }) };
  }
}
