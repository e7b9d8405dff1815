import type { RecordCatalog } from '../../../records/define/record-catalog.js';
import type { Entered } from '../../../records/define/define-record.js';
import type { RecordKind } from '../../../records/define/record-kind.js';
import type { FieldError } from '../../../kernel/http/problem.js';
import { canonical } from '../../../kernel/canonical.js';
import type { Clock } from '../../../platform/clock.js';
import { digest } from '../../../platform/random-token.js';
import { type ImportFormat, type ImportItem, type ImportRow, isFault } from './formats/import-format.js';
import type { ImportError } from './import-job.entity.js';
import { isAdditive, isInterval, recordOf, seriesOf } from './import-targets.js';
import { type PlacedTime, PlacedTimes } from './placed-times.js';

/** A record that a row wants to be stored. */
export interface WantedRecord {
  readonly kind: RecordKind;
  readonly id: string;
  readonly entered: Entered;
  /** A hash of the entered values. */
  readonly hash: string;
  /** How much it counts in a chunk: 1, and more for long content, such as a night of many stages. */
  readonly weight: number;
}

/** A row of the file, read whole and checked. */
export interface CheckedRow {
  readonly line: number;
  readonly record?: number;
  readonly records: readonly WantedRecord[];
  /** Records of this row that an earlier row of the file, or an earlier column, had as well. */
  readonly repeated: number;
  readonly errors: readonly ImportError[];
}

type Place = Pick<CheckedRow, 'line' | 'record'>;

/** Repeated rows of a file are near each other. Older ids are forgotten, so that the memory does not grow with the file. */
const REMEMBERED = 100_000;

/** Checks the rows of one file by the declarations of the kinds, as if a phone had sent each record. */
export class ImportRows {
  private readonly times: PlacedTimes;
  private seen = new Map<string, string>();

  constructor(
    private readonly catalog: RecordCatalog,
    private readonly format: ImportFormat,
    timeZone: string,
    private readonly clock: Pick<Clock, 'date'>,
  ) {
    this.times = new PlacedTimes(timeZone);
  }

  check(row: ImportRow): CheckedRow {
    const { line } = row;
    const place = row.record === undefined ? { line } : { line, record: row.record };
    if (isFault(row)) return refused(place, [row.fault]);
    const records = new Map<string, WantedRecord>();
    let repeated = 0;
    for (const item of row.items) {
      const wanted = this.read(item, records);
      // A row is stored whole or not at all.
      if (Array.isArray(wanted)) return refused(place, wanted.map(within(row.within)));
      if (wanted === 'repeated') repeated += 1;
      else if (wanted) records.set(wanted.id, wanted);
    }
    for (const { id, hash } of records.values()) this.remember(id, hash);
    return { ...place, records: [...records.values()], repeated, errors: [] };
  }

  private read(
    item: ImportItem,
    others: ReadonlyMap<string, WantedRecord>,
  ): WantedRecord | FieldError[] | 'repeated' | undefined {
    const time = this.place(item);
    if (!time) return [UNKNOWN_OFFSET];
    const record = recordOf(item, time, this.format);
    const kind = this.catalog.find(record.kind);
    if (!kind) return undefined;
    const entered = kind.readAll(record.fields, record.id);
    if (Array.isArray(entered)) return entered;
    const faults = kind.definition.admit(entered, {
      id: record.id,
      current: undefined,
      find: () => undefined,
      gathered: undefined,
      now: this.clock.date(),
      isOnline: false,
      hasSeen: () => false,
    });
    if (faults.length > 0) return [...faults];
    const hash = hashOf(kind, entered);
    const before = this.seen.get(record.id) ?? others.get(record.id)?.hash;
    if (before === hash) return 'repeated';
    if (before !== undefined) return [CONTRADICTION];
    return { kind, id: record.id, entered, hash, weight: weightOf(kind, entered) };
  }

  /** Amounts of a day have the key of a reading without an end, by which they are known since before they had one. */
  private place(item: ImportItem): PlacedTime | undefined {
    const series = `${item.origin ?? ''} ${seriesOf(item)}`;
    const whole = wholeDay(item);
    const time = this.times.place(whole, series);
    if (!time || whole === item || item.is !== 'reading' || isInterval(item.metric)) return time;
    return { ...time, key: this.times.place(item, series)?.key ?? time.key };
  }

  private remember(id: string, hash: string): void {
    this.seen.set(id, hash);
    if (this.seen.size <= REMEMBERED) return;
    for (const oldest of this.seen.keys()) {
      this.seen.delete(oldest);
      break;
    }
  }
}

/** A sum of a day without an end is that of the whole day. */
const wholeDay = (item: ImportItem): ImportItem =>
  item.is === 'reading' && item.start.is === 'day' && !item.end && isAdditive(item.metric)
    ? { ...item, end: item.start }
    : item;

/** Equal for equal values, in whatever form they came. */
export const hashOf = (kind: RecordKind, entered: Entered): string =>
  digest(canonical(kind.contents(entered))).slice(0, 22);

/** The length of most records is below this one. */
const LENGTH_OF_ONE = 1_000;

const weightOf = (kind: RecordKind, entered: Entered): number =>
  1 + Math.floor(JSON.stringify(kind.fieldsWire(entered)).length / LENGTH_OF_ONE);

/** Names the fields of a part of a record with the place of the part. */
const within =
  (part: string | undefined) =>
  (error: FieldError): FieldError =>
    part === undefined ? error : { ...error, field: `${part}.${error.field}` };

const refused = (place: Place, errors: readonly FieldError[]): CheckedRow => ({
  ...place,
  records: [],
  repeated: 0,
  errors: errors.slice(0, 5).map((error) => ({ ...place, ...error })),
});

const UNKNOWN_OFFSET: FieldError = {
  field: 'time_zone',
  code: 'unknown-offset',
  message: 'No known place had the offset of this row from UTC at that time',
};

const CONTRADICTION: FieldError = {
  field: 'row',
  code: 'contradiction',
  message: 'An earlier row of the file, or another column of this one, has another value for the same time',
};
