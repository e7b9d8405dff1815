import { Injectable } from '@nestjs/common';
import { mayRead } from '../../../kernel/access/scopes.js';
import type { Actor } from '../../../kernel/http/actor.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import { bySource } from '../health-metrics/reading-merge.js';
import { SourceOrdersRepository } from './source-orders.repository.js';
import { type KindFilter, MAX_PARTS, MAX_SOURCES, SourceRecords } from './source-records.js';
import type { SourceDto, SourcesDto } from './sources.dto.js';

/** Parts of all sources in one answer. */
const MOST_PARTS = 2_000;

/** What a person's sources have. */
@Injectable()
export class SourcesService {
  constructor(
    private readonly records: Records,
    private readonly found: SourceRecords,
  ) {}

  async list(actor: Actor): Promise<SourcesDto> {
    const { userId } = actor;
    // What a person measures is seen only by those who may read it.
    const isReadable: KindFilter = ({ definition: { timeline } }) =>
      timeline ? mayRead(actor, timeline.resource) : !actor.scopes;
    const current = await new SourceOrdersRepository(this.records, person(userId)).current();
    const order = current?.sources ?? [];
    const names = (await this.found.names(userId, isReadable)).toSorted(bySource(order));
    const data: SourceDto[] = [];
    let [parts, isComplete] = [0, names.length < MAX_SOURCES];
    for (const source of names) {
      if (parts >= MOST_PARTS || data.length >= MAX_SOURCES) {
        isComplete = false;
        break;
      }
      const kinds = await this.found.parts(userId, source, isReadable);
      parts += kinds.length;
      if (kinds.length >= MAX_PARTS) isComplete = false;
      // One that has only deleted records is no source any more.
      if (kinds.length > 0) data.push({ source, kinds, ...wholeOf(kinds) });
    }
    return { order, orderVersion: current?.version ?? 0, data, isComplete };
  }
}

const wholeOf = (kinds: SourceDto['kinds']): Pick<SourceDto, 'count' | 'firstAt' | 'lastAt'> => ({
  count: kinds.reduce((sum, { count }) => sum + count, 0),
  firstAt: new Date(Math.min(...kinds.map(({ firstAt }) => firstAt.getTime()))),
  lastAt: new Date(Math.max(...kinds.map(({ lastAt }) => lastAt.getTime()))),
});
