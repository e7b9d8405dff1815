import { Injectable } from '@nestjs/common';
import { mayRead } from '../../../kernel/access/scopes.js';
import type { Actor } from '../../../kernel/http/actor.js';
import { Keyset } from '../../../kernel/http/keyset.js';
import { readPage } from '../../../kernel/http/page-reader.js';
import { invalidField, Problem } from '../../../kernel/http/problem.js';
import { instantText } from '../../../platform/database/database.js';
import type { ChangedRecord } from '../../../records/define/synced-record.js';
import { UsersService } from '../../identity/public.js';
import { localTime } from '../../../kernel/quantities/local-time.js';
import { checkDays } from '../health-metrics/local-days.js';
import type { TimelineDto, TimelineItemDto, TimelineQuery } from './timeline.dto.js';
import {
  type TimelineKind,
  type TimelinePlace,
  TimelineRecords,
  type TimelineRow,
} from './timeline-records.js';

const COLUMNS = [
  { sql: 'at', holds: 'instant' },
  { sql: 'kind', holds: 'text' },
  { sql: 'id', holds: 'text' },
] as const;

/** Everything that a person logged, as one feed. */
@Injectable()
export class TimelineService {
  constructor(
    private readonly records: TimelineRecords,
    private readonly users: UsersService,
  ) {}

  /** @throws Problem `validation`, `insufficient-scope` for a kind that the API key may not read */
  async page(actor: Actor, { from, to, kinds: names, limit, cursor }: TimelineQuery): Promise<TimelineDto> {
    checkDays({ from, to });
    const kinds = this.kindsOf(actor, names);
    const { userId } = actor;
    const { timeZone } = await this.users.get(userId);
    const period = { from, to, timeZone };
    const list = ['timeline', userId, from, to, kinds.map(({ kind }) => kind.name)];
    const { rows, next } = await readPage<TimelineRow>(
      new Keyset(list, COLUMNS, 'DESC'),
      { limit, offset: 0, cursor },
      {
        bytesOf: ({ row }) => FRAME_BYTES + (row?.bytes ?? 0),
        positionOf: ({ one, at, id }) => [instantText(at), one.kind.name, id],
        read: ({ after }, count) => this.records.read(userId, kinds, period, after, count),
      },
    );
    const data = rows.flatMap((place) => (place.row ? [itemOf(place, place.row.record, timeZone)] : []));
    return { data, limit, ...(next === undefined ? {} : { next }) };
  }

  /** The kinds that are asked for, of those that the actor may read. */
  private kindsOf(actor: Actor, names: string | undefined): readonly TimelineKind[] {
    const all = this.records.kinds;
    const named = names === undefined ? undefined : new Set(names.split(','));
    for (const name of named ?? [])
      if (!all.some(({ kind }) => kind.name === name))
        throw invalidField(
          'kinds',
          'not-allowed',
          `kinds may be: ${all.map(({ kind }) => kind.name).join(', ')}`,
        );
    const kinds = all.filter(({ kind }) => !named || named.has(kind.name));
    const readable = kinds.filter(({ moment }) => mayRead(actor, moment.resource));
    if (readable.length === 0 || (named && readable.length < kinds.length))
      throw new Problem('insufficient-scope');
    return readable;
  }
}

/** Enough for what an item has beside its data. */
const FRAME_BYTES = 300;

function itemOf({ one, at }: TimelinePlace, record: ChangedRecord, timeZone: string): TimelineItemDto {
  const { id, version, createdAt, updatedAt } = record;
  const { day } = one.moment;
  const localDate =
    day === undefined
      ? localTime(at, timeZone).date
      : String((record as unknown as Record<string, unknown>)[day]);
  return {
    kind: one.kind.name,
    id,
    at,
    localDate,
    version,
    createdAt,
    updatedAt,
    data: one.kind.data(record),
  };
}
