import { instantText, placeholders } from '../../../platform/database/database.js';
import type { Listing, Place } from '../../../kernel/http/paging.js';
import { invalidField } from '../../../kernel/http/problem.js';
import type { Entered } from '../../../records/define/define-record.js';
import type { Owner } from '../../../records/define/owner.js';
import type { Listed } from '../../../records/define/synced-record.js';
import { conditions } from '../../../records/read/conditions.js';
import type { Author, Period } from '../../../records/write/record-repository.js';
import type { Records } from '../../../records/write/records.js';
import { storedRecord, storeUploads } from '../uploads.js';
import { uploadOf } from './external-id.js';
import { BODY_WEIGHT } from './metric-kinds.js';
import { inMinute, type MeasuredIn, ReadingsRepository } from './readings.repository.js';
import type { ShownRules } from './shown.js';
import type { CreateWeightDto } from './weight.dto.js';
import type { WeightEntry } from './weight-entry.entity.js';
import { weightRecord } from './weight.record.js';

const MEASURED: MeasuredIn<WeightEntry> = {
  table: 'weight_entries',
  instant: 'timestamp',
  column: '`timestamp`',
  metric: BODY_WEIGHT,
};

/** The weights of one person. */
export class WeightRepository extends ReadingsRepository<WeightEntry> {
  constructor(records: Records, owner: Owner) {
    super(records, weightRecord, owner, MEASURED);
  }

  /** One page of a period, and of a source if it is named, the most recently measured first. */
  list(
    { source, ...period }: Period & { readonly source?: string | undefined },
    place: Place,
  ): Promise<Listing<Listed<WeightEntry>>> {
    const [ofSource, names] = conditions(['source = ?', source]);
    const [during, instants] = this.during('timestamp', period);
    return this.page([ofSource + during, [...names, ...instants]], 'timestamp', place);
  }

  /** The newest one that is shown. It is in the minute of the newest one. */
  async latest(rules: ShownRules): Promise<WeightEntry | undefined> {
    const [newest] = await this.newestOf({}, ['', []], 1);
    if (!newest) return undefined;
    const { measuredMinute: minute, source } = newest;
    const [first = source] = await this.choice(rules).sourcesFor([{ metric: BODY_WEIGHT, minute, source }]);
    if (first === source) return newest;
    const [shown] = await this.newestOf({}, inMinute(MEASURED.column, first, minute), 1);
    return shown;
  }

  /**
   * Stores a weight. One that its source uploaded before changes only where the source says something else; one that the person
   * deleted stays deleted.
   * @throws Problem `validation`, `quota-exceeded`, `id-taken` when the id has other content, or is deleted
   */
  async store(author: Author, input: CreateWeightDto): Promise<WeightEntry> {
    const uploads = [uploadOf(BODY_WEIGHT, input)];
    const [result] = await storeUploads<WeightEntry>(this.all, this.owner, weightRecord, author, uploads);
    return storedRecord(result);
  }

  /** @throws Problem `not-found`, `version-conflict`, `validation` if a value is sent without its unit */
  override async update(
    author: Author,
    id: string,
    entered: Entered,
    baseVersion: number | undefined,
  ): Promise<WeightEntry> {
    const { weightValue, unit } = entered;
    if ((weightValue === undefined) !== (unit === undefined))
      throw invalidField(
        unit === undefined ? 'unit' : 'weight_value',
        'required',
        'weight_value and unit must be sent together',
      );
    return super.update(author, id, entered, baseVersion);
  }

  /** Entries measured at one of these instants, tombstones included. */
  findMeasuredAt(instants: readonly Date[]): Promise<WeightEntry[]> {
    return instants.length === 0
      ? Promise.resolve([])
      : this.select(`timestamp IN (${placeholders(instants.length)})`, instants.map(instantText));
  }

  /** Entries that changed after the stamp, in the order of change. */
  changedAfter(stamp: Date, limit: number): Promise<WeightEntry[]> {
    return this.select('updated_at > ? ORDER BY updated_at, seq LIMIT ?', [instantText(stamp), limit]);
  }

  /** The other entries of the same transaction, after `seq`. That of a push has at most a hundred, that of an import some hundreds. */
  restOfStamp(stamp: Date, seq: number): Promise<WeightEntry[]> {
    return this.select('updated_at = ? AND seq > ? ORDER BY seq', [instantText(stamp), seq]);
  }

  async hasStamp(stamp: Date): Promise<boolean> {
    const rows = await this.database.rows(
      'SELECT 1 FROM weight_entries WHERE user_id = ? AND updated_at = ? LIMIT 1',
      [this.owner.id, instantText(stamp)],
    );
    return rows.length > 0;
  }
}
