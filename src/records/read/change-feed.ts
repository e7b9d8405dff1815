import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import type { SqlValue } from '../../platform/database/statements.js';
import type { Owner } from '../define/owner.js';
import type { RecordKind } from '../define/record-kind.js';
import type { ChangedRecord } from '../define/synced-record.js';

export interface Change {
  readonly kind: RecordKind;
  readonly record: ChangedRecord;
}

/** A part of an owner's order of changes: the numbers greater than `after`, up to and including `upTo`. */
export interface Stretch {
  readonly after: number;
  readonly upTo: number;
  readonly which: 'all' | 'live';
}

export interface ChangeBatch {
  /** In the order of their change numbers. */
  readonly changes: readonly Change[];
  /** All changes of the stretch up to this number have been read. */
  readonly reached: number;
}

interface Place {
  readonly kind: number;
  readonly seq: number;
}

/** Where a batch ends, and which kinds have changes in it. */
interface Cut {
  readonly upTo: number;
  readonly kinds: readonly RecordKind[];
}

/** A window is at most 16 times as wide as the one before: a window that is too wide reads index entries for nothing. */
const MAX_GROWTH = 16;

const PART = 'seq > ? AND seq <= ?';

/**
 * Reads the changes of one owner, over all kinds, in the order of their numbers. It takes two steps. One statement reads
 * the numbers (`seq`) of the next changes from the indexes of all kinds, and finds where the batch ends. Then one statement
 * for each kind in the batch reads its rows of that part. So only rows of the batch are read, for any number of kinds.
 */
@Injectable()
export class ChangeFeed {
  constructor(private readonly database: Database) {}

  /**
   * Reads the next changes of a stretch. There may be fewer than `limit` before the stretch ends: a record may have changed
   * again in the meantime, or may not be live. Use `reached` to know how far the batch goes.
   */
  async read(
    owner: Owner,
    kinds: readonly RecordKind[],
    { after, upTo, which }: Stretch,
    limit: number,
  ): Promise<ChangeBatch> {
    const [only, ...others] = kinds;
    if (after >= upTo || !only) return { changes: [], reached: upTo };
    const part = which === 'live' ? `${PART} AND deleted_at IS NULL` : PART;
    if (others.length === 0) {
      const first = `${part} ORDER BY seq LIMIT ?`;
      const changes = await this.changes(owner, only, first, [after, upTo, limit]);
      return { changes, reached: changes.length < limit ? upTo : (changes.at(-1)?.record.seq ?? upTo) };
    }
    const cut = await this.findCut(owner, kinds, after, upTo, limit);
    const found = await Promise.all(
      cut.kinds.map((kind) => this.changes(owner, kind, `${part} ORDER BY seq`, [after, cut.upTo])),
    );
    return { changes: found.flat().toSorted((a, b) => a.record.seq - b.record.seq), reached: cut.upTo };
  }

  private async changes(
    owner: Owner,
    kind: RecordKind,
    where: string,
    values: readonly number[],
  ): Promise<Change[]> {
    const records = await kind.selectChanged(this.database, owner.id, where, values);
    return records.map((record) => ({ kind, record }));
  }

  /** Finds the number of the last of the next `limit` changes, or the end of the stretch when there are fewer. */
  private async findCut(
    owner: Owner,
    kinds: readonly RecordKind[],
    after: number,
    upTo: number,
    limit: number,
  ): Promise<Cut> {
    const places: Place[] = [];
    let start = after;
    // Numbers are unique for an owner, so a window of this width holds at most `limit` changes.
    let width = limit;
    while (start < upTo && places.length < limit) {
      const end = Math.min(upTo, start + width);
      const wanted = limit - places.length;
      places.push(...(await this.places(owner, kinds, start, end, wanted)));
      start = end;
      // A record that changed again left a gap. The next width is an estimate from the density of the numbers so far.
      const density = Math.max(places.length / (start - after), 1 / (MAX_GROWTH * width));
      width = Math.min(Math.ceil((limit - places.length) / density), MAX_GROWTH * width);
    }
    const inBatch = new Set(places.map(({ kind }) => kind));
    return {
      upTo: places.length < limit ? upTo : (places[limit - 1]?.seq ?? upTo),
      kinds: kinds.filter((_, index) => inBatch.has(index)),
    };
  }

  /** Reads the first `limit` places of a window, in order, by one statement that reads only indexes. */
  private async places(
    { type, id }: Owner,
    kinds: readonly RecordKind[],
    after: number,
    upTo: number,
    limit: number,
  ): Promise<Place[]> {
    const branches = kinds.map(({ table }, index) =>
      this.nested(
        `SELECT ${index} AS kind, seq FROM ${table.name} WHERE ${type.column} = ? AND ${PART} ORDER BY seq LIMIT ?`,
      ),
    );
    const rows = await this.database.rows<{ kind: unknown; seq: unknown }>(
      branches.join(' UNION ALL '),
      kinds.flatMap((): SqlValue[] => [id, after, upTo, limit]),
    );
    return rows
      .map((row) => ({ kind: Number(row.kind), seq: Number(row.seq) }))
      .toSorted((a, b) => a.seq - b.seq)
      .slice(0, limit);
  }

  /** Writes a SELECT with its own LIMIT as a part of a UNION. MySQL streams it in parentheses; SQLite allows none there. */
  private nested(select: string): string {
    return this.database.dialect === 'mysql' ? `(${select})` : `SELECT * FROM (${select})`;
  }
}
