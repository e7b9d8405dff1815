import type { Api } from './api.js';
import { bindMethods } from './bound.js';
import { CONFLICT } from './kinds.js';
import { Live, type Loaded } from './live.js';
import { HaleError, ProblemError } from './problem.js';
import type { StoreAccess } from './records.js';
import type { Observable } from './signal.js';
import { isOpen } from './status.js';
import { readDevice } from './store.js';
import type { ConflictData, ConflictSide, Fields } from './wire.js';

/** Two versions of a record that were made independently. The current one took effect, the other one is kept here. */
export interface Conflict extends Omit<ConflictData, 'winner' | 'loser'> {
  readonly id: string;
  /** The version in effect; null if the record does not exist. */
  readonly current: ConflictSide | null;
  /** The version that lost. */
  readonly other: ConflictSide | null;
  /** Which of them was entered on this device; absent if neither. */
  readonly mine?: 'current' | 'other';
}

/**
 * What to do with a conflict; it means the same on every device.
 * - `keep_current`: the version in effect stays.
 * - `use_other`: the other version takes its place.
 * - `keep_both`: the other version becomes a record of its own.
 * - `merged`: the given fields take its place.
 */
export type Choice = (typeof CHOICES)[number];
const CHOICES = ['keep_current', 'use_other', 'keep_both', 'merged'] as const;

export class Conflicts {
  constructor(
    private readonly access: StoreAccess,
    private readonly api: Api,
    private readonly sync: () => Promise<unknown>,
  ) {
    bindMethods(this);
  }

  /** The open conflicts as a value that is read again whenever they may have changed. */
  observe(): Observable<Loaded<Conflict[]>> {
    return new Live(this.list, (listener) => this.access.watch(CONFLICT, listener));
  }

  /** Open conflicts; available offline. */
  list(): Promise<Conflict[]> {
    return this.access.within(async (store) => {
      const { client_id } = await readDevice(store.transaction, () => '');
      const rows = await store.records(CONFLICT);
      return rows.flatMap(({ id, data }) => (isOpen(data) ? [shown(id, data, client_id)] : []));
    });
  }

  /**
   * Applies the person's choice; `fields` are for `merged`. Needs a connection.
   * @returns false if another device has already resolved it.
   */
  async resolve(id: string, choice: Choice, fields?: Fields): Promise<boolean> {
    if (!CHOICES.includes(choice))
      throw new HaleError('invalid', `${String(choice)} is not a choice: use ${CHOICES.join(', ')}`);
    const { client } = this.api;
    const call = client.POST('/api/sync/conflicts/{id}/resolve', {
      params: { path: { id } },
      body: { choice, ...(fields && { fields }) },
    });
    const isDecided = await this.api.body(call).then(
      () => true,
      (error: unknown) => {
        if (error instanceof ProblemError && error.code === 'conflict-resolved') return false;
        throw error;
      },
    );
    await this.sync();
    return isDecided;
  }
}

function shown(id: string, { winner, loser, ...data }: ConflictData, device: string): Conflict {
  const isMine = (side: ConflictSide | null): boolean => side !== null && side.modified_by === device;
  const mine = isMine(winner) ? 'current' : isMine(loser) ? 'other' : undefined;
  return { ...data, id, current: winner, other: loser, ...(mine && { mine }) };
}
