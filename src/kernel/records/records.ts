import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Database } from '../../platform/database/database.js';
import type { Actor } from '../http/actor.js';
import { Problem } from '../http/problem.js';
import { RecordCatalog } from './catalog.js';
import { ChangeSequence } from './change-sequence.js';
import type { EditStamp } from './merge.js';
import type { Entered, RecordDefinition } from './record.js';
import { RecordChanges } from './record-changes.js';
import type { RecordEdit } from './record-edit.js';
import type { SyncedRecord } from './synced-record.js';

/** The one way to write what a person owns: ordered, merged, counted and announced, whoever asks for it. */
@Injectable()
export class Records {
  constructor(
    private readonly catalog: RecordCatalog,
    private readonly sequence: ChangeSequence,
    private readonly database: Database,
  ) {}

  /**
   * Runs `work` under the person's lock and writes what it changed in the same transaction.
   * @throws Problem `session-revoked` when the account is gone.
   */
  change<T>(userId: string, work: (changes: RecordChanges) => Promise<T>): Promise<T> {
    return this.sequence.change(userId, async (order) => {
      const changes = new RecordChanges(order, this.catalog, this.database);
      const result = await work(changes);
      await changes.flush();
      return result;
    });
  }

  /**
   * Makes a record, for a client that is online.
   * @param id made by the client; sent again with the same content it answers the record that was made.
   * @throws Problem `id-taken`
   */
  create<Entity extends SyncedRecord>(
    actor: Actor,
    definition: RecordDefinition<Entity>,
    id: string | undefined,
    entered: Entered,
  ): Promise<Entity> {
    const kind = this.catalog.get(definition.kind);
    return this.change(actor.userId, async (changes) => {
      const whole = kind.complete(entered);
      if (id !== undefined) await changes.load(kind, [id]);
      const known = id === undefined ? undefined : changes.find(kind, id);
      if (known && known.deletedAt === null && kind.saysSame(known, whole)) return known as Entity;
      if (known) throw new Problem('id-taken');
      const stamp = stampNow(actor, changes);
      return changes.apply({ kind, id: id ?? uuidv7(), op: 'create', entered: whole, stamp })
        .record as Entity;
    });
  }

  /**
   * Changes what is given of a record, and leaves the rest.
   * @param baseVersion the version the client has seen; undefined for whatever holds now.
   * @throws Problem `not-found`, `version-conflict`
   */
  update<Entity extends SyncedRecord>(
    actor: Actor,
    definition: RecordDefinition<Entity>,
    id: string,
    entered: Entered,
    baseVersion: number | undefined,
  ): Promise<Entity> {
    const kind = this.catalog.get(definition.kind);
    return this.edit(actor, definition, id, (current) => {
      if (baseVersion !== undefined && baseVersion !== current.version) throw new Problem('version-conflict');
      return { op: 'update', entered: kind.onto(current, entered) };
    });
  }

  /** Leaves a tombstone, so that every phone learns of it. @throws Problem `not-found` */
  remove<Entity extends SyncedRecord>(
    actor: Actor,
    definition: RecordDefinition<Entity>,
    id: string,
  ): Promise<Entity> {
    return this.edit(actor, definition, id, () => ({ op: 'delete', entered: {} }));
  }

  /** An edit of what is there now always holds. */
  private edit<Entity extends SyncedRecord>(
    actor: Actor,
    definition: RecordDefinition<Entity>,
    id: string,
    decide: (current: SyncedRecord) => Pick<RecordEdit, 'op' | 'entered'>,
  ): Promise<Entity> {
    const kind = this.catalog.get(definition.kind);
    return this.change(actor.userId, async (changes) => {
      await changes.load(kind, [id]);
      const current = changes.find(kind, id);
      if (!current || current.deletedAt !== null) throw new Problem('not-found');
      const stamp = stampNow(actor, changes);
      return changes.apply({ kind, id, stamp, baseVersion: current.version, ...decide(current) })
        .record as Entity;
    });
  }
}

/** Of an edit made now by a client that is online. */
export const stampNow = (actor: Actor, { order }: RecordChanges): EditStamp => ({
  time: order.stamp.getTime(),
  counter: 0,
  device: actor.deviceId ?? '',
  deviceSeq: 0,
});
