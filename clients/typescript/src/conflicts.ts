import type { Api } from './api.js';
import { CONFLICT } from './kinds.js';
import { ProblemError } from './problem.js';
import type { Desk } from './records.js';
import { isOpen } from './status.js';
import type { Choice, ConflictData, Fields } from './wire.js';

/** Two versions of a record, made without knowing of each other: one holds, the other is kept here. */
export interface Conflict extends ConflictData {
  readonly id: string;
}

export class Conflicts {
  constructor(
    private readonly desk: Desk,
    private readonly api: Api,
    private readonly sync: () => Promise<unknown>,
  ) {}

  /** The open ones; known offline too. */
  list(): Promise<Conflict[]> {
    return this.desk.within(async (store) =>
      (await store.records(CONFLICT)).flatMap(({ id, data }) => (isOpen(data) ? [{ ...data, id }] : [])),
    );
  }

  /**
   * Decides; `fields` are for `merged`. Needs a connection.
   * @returns false when it was decided already, on another device.
   */
  async resolve(id: string, choice: Choice, fields?: Fields): Promise<boolean> {
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
