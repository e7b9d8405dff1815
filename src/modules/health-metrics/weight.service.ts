import { Injectable } from '@nestjs/common';
import type { Actor } from '../../kernel/http/actor.js';
import { invalidField, Problem } from '../../kernel/http/problem.js';
import { ChangeSequence, type ChangeSet } from '../../kernel/records/change-sequence.js';
import type { EditKey } from '../../kernel/records/last-write-wins.js';
import { isDuplicate } from '../../platform/database/errors.js';
import { changedEntry, contentOf, createdEntry, type WeightInput } from './weight-edit.js';
import type { WeightEntry } from './weight-entry.entity.js';
import { type WeightFilter, WeightRepository } from './weight.repository.js';

/** Weights one at a time, by a client that is online: what it sends is an edit of what it sees, made now. */
@Injectable()
export class WeightService {
  constructor(
    private readonly weights: WeightRepository,
    private readonly sequence: ChangeSequence,
  ) {}

  /**
   * @param id made by the client; sent again with the same content it answers the entry that was made.
   * @throws Problem `id-taken`
   */
  create(actor: Actor, id: string | undefined, input: WeightInput): Promise<WeightEntry> {
    return this.sequence.change(actor.userId, async (changes) => {
      const known = id === undefined ? undefined : await this.weights.of(actor.userId).findLive(id);
      if (known && contentOf(known) === contentOf(input)) return known;
      const entry = createdEntry(changes, id, input, keyNow(actor, changes, input));
      try {
        await this.weights.of(actor.userId).insert([entry]);
      } catch (error) {
        throw isDuplicate(error) ? new Problem('id-taken') : error;
      }
      return entry;
    });
  }

  async list(
    actor: Actor,
    filter: WeightFilter,
    limit: number,
    offset: number,
  ): Promise<{ entries: WeightEntry[]; total: number }> {
    const weights = this.weights.of(actor.userId);
    const [entries, total] = await Promise.all([weights.list(filter, limit, offset), weights.count(filter)]);
    return { entries, total };
  }

  /** @throws Problem `not-found` */
  async get(actor: Actor, id: string): Promise<WeightEntry> {
    const entry = await this.weights.of(actor.userId).findLive(id);
    if (!entry) throw new Problem('not-found');
    return entry;
  }

  /** @throws Problem `not-found`, `version-conflict`, `validation` when a value comes without its unit */
  update(
    actor: Actor,
    id: string,
    input: Partial<WeightInput>,
    baseVersion: number | undefined,
  ): Promise<WeightEntry> {
    if ((input.weightValue === undefined) !== (input.unit === undefined))
      throw invalidField(
        input.unit === undefined ? 'unit' : 'weight_value',
        'required',
        'weight_value and unit go together',
      );
    return this.sequence.change(actor.userId, async (changes) => {
      const entry = await this.get(actor, id);
      if (baseVersion !== undefined && baseVersion !== entry.version) throw new Problem('version-conflict');
      const next = { ...(entry as WeightInput), ...input };
      return contentOf(next) === contentOf(entry) ? entry : this.replace(actor, changes, entry, next);
    });
  }

  /** Leaves a tombstone, so that every phone learns of it. @throws Problem `not-found` */
  remove(actor: Actor, id: string): Promise<WeightEntry> {
    return this.sequence.change(actor.userId, async (changes) =>
      this.replace(actor, changes, await this.get(actor, id), undefined),
    );
  }

  private async replace(
    actor: Actor,
    changes: ChangeSet,
    entry: WeightEntry,
    input: WeightInput | undefined,
  ): Promise<WeightEntry> {
    const changed = changedEntry(changes, entry, input, keyNow(actor, changes, input));
    await this.weights.of(actor.userId).replace([changed]);
    return changed;
  }
}

/** The transaction's time is later than any edit that holds, so an edit made now always wins. */
const keyNow = (actor: Actor, changes: ChangeSet, input: WeightInput | undefined): EditKey => ({
  time: changes.stamp.getTime(),
  counter: 0,
  deletes: input === undefined,
  device: actor.deviceId ?? '',
  content: input ? contentOf(input) : '',
});
