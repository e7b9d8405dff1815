import { Entity, Index, type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { bySeq, recordColumns } from '../../migrations/record-columns.js';
import { ownedBy, text } from '../../migrations/table-columns.js';
import { Documented } from '../../src/kernel/http/documented.js';
import { StringField } from '../../src/kernel/http/fields.js';
import { ownerKey, textColumn } from '../../src/platform/database/columns.js';
import type { SqlValue } from '../../src/platform/database/statements.js';
import { UnitOfWork } from '../../src/platform/database/unit-of-work.js';
import { recordOf } from '../../src/records/define/define-record.js';
import type { Owner } from '../../src/records/define/owner.js';
import { person } from '../../src/records/define/person/person.owner.js';
import type { RecordKind } from '../../src/records/define/record-kind.js';
import { SyncedRecord } from '../../src/records/define/synced-record.js';
import { ChangeFeed, type Stretch } from '../../src/records/read/change-feed.js';
import { Records } from '../../src/records/write/records.js';
import { TestApp } from '../support/app.js';
import { hasDatabase } from '../support/database.js';
import { withKinds } from '../support/kinds.js';
import { chooseSeed, seededRandom } from '../support/random.js';

const KINDS = 40;
const PAGE = 500;

@Documented({ description: 'What is entered of a sample.' })
class SampleFields {
  @StringField({ description: 'Its label.', example: 'a', max: 20 })
  label!: string;
}

/** One of many kinds. Each kind has its own table. */
function sampleKind(index: number) {
  const letters = String.fromCharCode(97 + Math.floor(index / 26), 97 + (index % 26));
  const table = `samples_${letters}`;
  class Sample extends SyncedRecord {
    userId!: string;
    label!: string;
  }
  ownerKey(`fk_${table}_user`)(Sample.prototype, 'userId');
  textColumn(20)(Sample.prototype, 'label');
  Index(`idx_${table}_user_seq`, ['userId', 'seq'])(Sample);
  Entity(table)(Sample);
  const definition = recordOf({
    kind: `sample_${letters}`,
    entity: Sample,
    fields: SampleFields,
    data: SampleFields,
    groups: [['label']],
  });
  return { table, entity: Sample, definition };
}

const samples = Array.from({ length: KINDS }, (_, index) => sampleKind(index));

class CreateSamples1800000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const { table: name } of samples)
      await runner.createTable(
        new Table({
          name,
          columns: [...recordColumns, text('label', 20)],
          indices: [bySeq(name)],
          foreignKeys: [ownedBy(`fk_${name}_user`)],
        }),
        true,
      );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { table } of samples) await runner.dropTable(table, true);
  }
}

/** Every write has another content, so that every write is a change. */
let written = 0;

interface Statement {
  readonly sql: string;
  readonly values: readonly SqlValue[];
  readonly rows: number;
}

describe.runIf(hasDatabase())('a page of changes of many kinds', () => {
  let app: TestApp;
  let feed: ChangeFeed;
  let kinds: readonly RecordKind[];
  beforeAll(async () => {
    const extra = {
      kinds: samples.map(({ definition }) => definition),
      entities: samples.map(({ entity }) => entity),
      migrations: [CreateSamples1800000000002],
    };
    app = await TestApp.start({ override: withKinds(extra) });
    feed = app.app.get(ChangeFeed);
    kinds = samples.map(({ definition }) => app.app.get(Records).catalog.get(definition.kind));
  });
  afterAll(() => app.stop());
  afterEach(() => vi.restoreAllMocks());

  /** The records of one owner. `touch` chooses which record is written next. */
  async function fill(
    owner: Owner,
    count: number,
    touch: (index: number) => [number, string],
  ): Promise<void> {
    for (let start = 0; start < count; start += 500)
      await app.app.get(Records).change(owner, async (changes) => {
        const edits = Array.from({ length: Math.min(500, count - start) }, (_, i) => touch(start + i));
        for (const [index, kind] of kinds.entries())
          await changes.load(
            kind,
            edits.flatMap(([of, id]) => (of === index ? id : [])),
          );
        for (const [offset, [index, id]] of edits.entries())
          changes.apply({
            kind: kinds[index]!,
            id,
            op: 'create',
            entered: { label: `${++written}` },
            stamp: { time: changes.order.stamp.getTime(), counter: offset, device: 'phone', deviceSeq: 0 },
          });
      });
  }

  const newOwner = async (): Promise<Owner> => person((await app.api.register()).userId);
  const idOf = (index: number): string => `record-${String(index).padStart(6, '0')}`;
  const everything = (upTo: number): Stretch => ({ after: 0, upTo, which: 'all' });

  /** Collects the statements that a read sends. */
  function watch(): Statement[] {
    const seen: Statement[] = [];
    const real = app.db.rows.bind(app.db);
    vi.spyOn(app.db, 'rows').mockImplementation(async (sql, values = []) => {
      const rows = await real(sql, values);
      seen.push({ sql, values, rows: rows.length });
      return rows as never;
    });
    return seen;
  }

  const isCut = ({ sql }: Statement): boolean => sql.includes('UNION ALL');

  /** Reads all pages and checks that no change is missing or comes twice, and that the numbers increase. */
  async function drain(owner: Owner, upTo: number, limit: number): Promise<string[]> {
    const seen: string[] = [];
    let last = 0;
    for (let after = 0; after < upTo;) {
      const { changes, reached } = await feed.read(owner, kinds, { after, upTo, which: 'all' }, limit);
      for (const { kind, record } of changes) {
        expect(record.seq).toBeGreaterThan(last);
        last = record.seq;
        seen.push(`${kind.name} ${record.id}`);
      }
      expect(reached).toBeGreaterThan(after);
      after = reached;
    }
    return seen;
  }

  it('reads only the rows of the page, once each, and finds the end of the page from indexes alone', async () => {
    const owner = await newOwner();
    await fill(owner, 4_000, (index) => [index % KINDS, idOf(index)]);
    const seen = watch();
    const { changes, reached } = await feed.read(owner, kinds, everything(4_000), PAGE);
    expect([changes.length, reached]).toEqual([PAGE, PAGE]);
    const [cuts, reads] = [seen.filter(isCut), seen.filter((statement) => !isCut(statement))];
    expect(cuts.map(({ rows }) => rows)).toEqual([PAGE]);
    expect(reads).toHaveLength(KINDS);
    expect(reads.reduce((sum, { rows }) => sum + rows, 0)).toBe(PAGE);
    vi.restoreAllMocks();
    await explain(cuts[0]!, /Using index(?! condition)|COVERING INDEX idx_samples_\w\w_user_seq/);
    for (const read of reads.slice(0, 3)) await explain(read, /idx_samples_\w\w_user_seq/);
  });

  /** Checks that each table of the statement is read by its feed index. */
  async function explain({ sql, values }: Statement, expected: RegExp): Promise<void> {
    const isMysql = app.db.dialect === 'mysql';
    const rows = await app.db.rows(`${isMysql ? 'EXPLAIN' : 'EXPLAIN QUERY PLAN'} ${sql}`, values);
    const looks = rows
      .map((row) => JSON.stringify(row))
      .filter((row) => (isMysql ? row.includes('"samples_') : /SEARCH|SCAN samples/.test(row)));
    expect(looks.length).toBeGreaterThan(0);
    for (const look of looks) expect(look).toMatch(expected);
    for (const look of looks) expect(look).not.toMatch(/filesort|SCAN samples|temporary/);
  }

  it('reads at most two index entries for each row, plus the two ends of each range', async () => {
    if (app.db.dialect !== 'mysql') return;
    const owner = await newOwner();
    await fill(owner, 4_000, (index) => [index % KINDS, idOf(index)]);
    const reads = await app.app.get(UnitOfWork).run(async () => {
      const count = async () => {
        const rows = await app.db.rows<{ Value: string }>("SHOW SESSION STATUS LIKE 'Handler_read%'");
        return rows.reduce((sum, { Value }) => sum + Number(Value), 0);
      };
      const before = await count();
      expect((await feed.read(owner, kinds, everything(4_000), PAGE)).changes).toHaveLength(PAGE);
      return (await count()) - before;
    });
    expect(reads).toBeLessThanOrEqual(2 * PAGE + 4 * KINDS);
  });

  it('finds the end of the page with few statements when most records were changed again', async () => {
    const owner = await newOwner();
    // 1 000 records, each written ten times: nine of ten places are empty, the first 9 000 all are.
    await fill(owner, 10_000, (index) => [index % KINDS, idOf(index % 1_000)]);
    const seen = watch();
    const { changes } = await feed.read(owner, kinds, everything(10_000), PAGE);
    expect(changes).toHaveLength(PAGE);
    const cuts = seen.filter(isCut);
    expect(cuts.length).toBeLessThanOrEqual(4);
    expect(seen.filter((one) => !isCut(one)).reduce((sum, { rows }) => sum + rows, 0)).toBe(PAGE);
  });

  it('returns every change exactly once, for any gaps and any page size', async () => {
    const random = seededRandom(chooseSeed());
    const owner = await newOwner();
    const count = 3_000;
    const latest = new Map<string, number>();
    const pool = Math.floor(random() * 700) + 50;
    await fill(owner, count, (index) => {
      const of = Math.floor(random() ** 2 * KINDS);
      const id = idOf(Math.floor(random() * pool));
      latest.set(`${kinds[of]!.name} ${id}`, index);
      return [of, id];
    });
    const expected = [...latest].toSorted(([, a], [, b]) => a - b).map(([name]) => name);
    for (const limit of [1_001, 500, Math.floor(random() * 60) + 2])
      expect(await drain(owner, count, limit)).toEqual(expected);
  });

  it('misses no change when records change between finding the end and reading the rows', async () => {
    const owner = await newOwner();
    await fill(owner, 400, (index) => [index % KINDS, idOf(index)]);
    const real = app.db.rows.bind(app.db);
    let isDone = false;
    vi.spyOn(app.db, 'rows').mockImplementation(async (sql, values = []) => {
      const rows = await real(sql, values);
      if (!isDone && sql.includes('UNION ALL') && sql.includes('samples_')) {
        isDone = true;
        // Half of the page changes again. The numbers of those rows are now after the end of the stretch.
        await fill(owner, 50, (index) => [index % KINDS, idOf(index)]);
      }
      return rows as never;
    });
    const first = await drain(owner, 400, 100);
    expect(first).toHaveLength(350);
    expect(new Set([...first, ...(await drain(owner, 450, 100))]).size).toBe(400);
  });
});
