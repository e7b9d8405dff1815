import { Injectable } from '@nestjs/common';
import type { Actor } from '../../kernel/http/actor.js';
import { invalidField, Problem } from '../../kernel/http/problem.js';
import type { Place, RecordPage } from '../../kernel/records/owned-records.js';
import { Records } from '../../kernel/records/records.js';
import type { WeightEntry } from './weight-entry.entity.js';
import { type WeightInput, weightRecord } from './weight.record.js';
import { type WeightFilter, WeightRepository } from './weight.repository.js';

/** Weights one at a time, by a client that is online. */
@Injectable()
export class WeightService {
  constructor(
    private readonly weights: WeightRepository,
    private readonly records: Records,
  ) {}

  /** @throws Problem `id-taken` */
  create(actor: Actor, id: string | undefined, input: WeightInput): Promise<WeightEntry> {
    return this.records.create(actor, weightRecord, id, { ...input });
  }

  list(actor: Actor, filter: WeightFilter, place: Place): Promise<RecordPage<WeightEntry>> {
    return this.weights.of(actor.userId).page(filter, place);
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
    return this.records.update(actor, weightRecord, id, { ...input }, baseVersion);
  }

  /** @throws Problem `not-found` */
  remove(actor: Actor, id: string): Promise<WeightEntry> {
    return this.records.remove(actor, weightRecord, id);
  }
}
