import { Injectable } from '@nestjs/common';
import type { Position } from '../../../kernel/http/keyset.js';
import { addDays, startOfDay } from '../../../kernel/quantities/local-time.js';
import { Database, instantText, placeholders, readInstant } from '../../../platform/database/database.js';
import type { SqlValue } from '../../../platform/database/statements.js';
import type { RecordMoment } from '../../../records/define/define-record.js';
import { personType } from '../../../records/define/person/person.owner.js';
import { RecordCatalog } from '../../../records/define/record-catalog.js';
import type { RecordKind } from '../../../records/define/record-kind.js';
import type { ChangedRecord } from '../../../records/define/synced-record.js';
import { afterPosition, type Condition, conditions } from '../../../records/read/conditions.js';
import { type LocalDays, onDays } from '../health-metrics/local-days.js';
import { compareText } from '../health-metrics/reading-merge.js';

/** A kind that is in the timeline. */
export interface TimelineKind {
  readonly kind: RecordKind;
  readonly moment: RecordMoment;
  readonly instant: string;
  /** The column of the local day; undefined for a kind without one. */
  readonly day: string | undefined;
}

/** Where a record stands in the timeline. */
export interface TimelinePlace {
  readonly one: TimelineKind;
  readonly at: Date;
  readonly id: string;
}

/** A place with its record, as sync shows it, and about how many bytes that has in an answer. */
export interface TimelineRow extends TimelinePlace {
  readonly row: { readonly record: ChangedRecord; readonly bytes: number } | undefined;
}

/** Local days of the records, and the zone that decides for kinds without days. */
export interface TimelinePeriod extends LocalDays {
  readonly timeZone: string;
}

const OWNER = personType.column;

/**
 * The records of people in the order in which they happened, of every kind that declares a moment. The statements are written
 * from the declarations, so they name the tables of all modules and no TypeORM repository could send them.
 */
@Injectable()
export class TimelineRecords {
  /** In the order of their names. */
  readonly kinds: readonly TimelineKind[];

  constructor(
    private readonly database: Database,
    catalog: RecordCatalog,
  ) {
    this.kinds = catalog.ownedBy(personType).flatMap((kind) => {
      const moment = kind.definition.timeline;
      if (!moment) return [];
      const day = moment.day && kind.table.columnOf(moment.day);
      return [{ kind, moment, instant: kind.table.columnOf(moment.instant), day }];
    });
  }

  /**
   * The next places with their records. One that was deleted in between has none.
   * @param count the caller asks for as many as fit into a page by the size of those before
   */
  async read(
    userId: string,
    kinds: readonly TimelineKind[],
    period: TimelinePeriod,
    after: Position | undefined,
    count: number,
  ): Promise<TimelineRow[]> {
    const places = await this.places(userId, kinds, period, after, count);
    const records = await this.at(userId, places);
    return places.map((place) => ({ ...place, row: records.get(`${place.one.kind.name} ${place.id}`) }));
  }

  /**
   * The next places, the newest first, then by kind and id, both backwards. One statement reads of each kind as many as one
   * page may have, from the index of that kind.
   */
  async places(
    userId: string,
    kinds: readonly TimelineKind[],
    period: TimelinePeriod,
    after: Position | undefined,
    count: number,
  ): Promise<TimelinePlace[]> {
    const branches = kinds.map((one, index) => branchOf(one, index, userId, period, after, count));
    const rows = await this.database.rows(
      branches.map(([sql]) => this.nested(sql)).join(' UNION ALL '),
      branches.flatMap(([, values]) => values),
    );
    return rows
      .flatMap((row) => {
        const one = kinds[Number(row['place'])];
        return one ? [{ one, at: readInstant(row['at']), id: String(row['id']) }] : [];
      })
      .toSorted(byPlace)
      .slice(0, count);
  }

  /** The records at these places by `{kind} {id}`, with one statement for each kind. One that was deleted since is missing. */
  private async at(
    userId: string,
    places: readonly TimelinePlace[],
  ): Promise<Map<string, NonNullable<TimelineRow['row']>>> {
    const found = new Map<string, NonNullable<TimelineRow['row']>>();
    for (const { kind } of new Set(places.map(({ one }) => one))) {
      const { name, pulled, table } = kind;
      const ids = places.filter(({ one }) => one.kind === kind).map(({ id }) => id);
      const where = `${OWNER} = ? AND id IN (${placeholders(ids.length)}) AND deleted_at IS NULL`;
      for (const row of await table.selectRows(this.database, pulled, where, [userId, ...ids])) {
        const record = pulled.read(row) as ChangedRecord;
        const bytes = typeof pulled.bytesOf === 'number' ? pulled.bytesOf : pulled.bytesOf(row);
        found.set(`${name} ${record.id}`, { record, bytes });
      }
    }
    return found;
  }

  /** Writes a SELECT with its own LIMIT as a part of a UNION. MySQL streams it in parentheses; SQLite allows none there. */
  private nested(select: string): string {
    return this.database.dialect === 'mysql' ? `(${select})` : `SELECT * FROM (${select})`;
  }
}

function branchOf(
  one: TimelineKind,
  index: number,
  userId: string,
  period: TimelinePeriod,
  after: Position | undefined,
  count: number,
): [sql: string, values: readonly SqlValue[]] {
  const { kind, instant } = one;
  const [during, values] = duringOf(one, period);
  const [beyond, more] = after
    ? afterPosition(instant, compareText(kind.name, String(after[1])), after)
    : ['', []];
  return [
    `SELECT ${index} AS place, ${instant} AS at, id FROM ${kind.table.name}
     WHERE ${OWNER} = ? AND deleted_at IS NULL${during}${beyond} ORDER BY ${instant} DESC, id DESC LIMIT ?`,
    [userId, ...values, ...more, count],
  ];
}

/** A record belongs to the day on which it happened where the person was; no later change of their zone moves it. */
function duringOf({ instant, day }: TimelineKind, { from, to, timeZone }: TimelinePeriod): Condition {
  if (day !== undefined) return onDays(instant, { from, to }, day);
  return conditions(
    [`${instant} >= ?`, from && instantText(startOfDay(from, timeZone))],
    [`${instant} < ?`, to && instantText(startOfDay(addDays(to, 1), timeZone))],
  );
}

const byPlace = (a: TimelinePlace, b: TimelinePlace): number =>
  b.at.getTime() - a.at.getTime() || compareText(b.one.kind.name, a.one.kind.name) || compareText(b.id, a.id);
