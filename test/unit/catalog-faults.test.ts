import { DataSource, Entity, ForeignKey, Index } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  BooleanField,
  DayField,
  EnumField,
  InstantField,
  IntegerField,
  NumberField,
  StringField,
  UuidField,
} from '../../src/kernel/http/fields.js';
import {
  booleanColumn,
  dayColumn,
  doubleColumn,
  instantColumn,
  integerColumn,
  jsonColumn,
  longTextColumn,
  quantityColumn,
  textColumn,
  uuidKey,
} from '../../src/platform/database/columns.js';
import { SnakeNaming } from '../../src/platform/database/naming.js';
import { catalogFaults } from '../../src/records/define/catalog-faults.js';
import { recordOf } from '../../src/records/define/define-record.js';
import { GroupedRecord, SyncedRecord } from '../../src/records/define/synced-record.js';

const text = { description: 'A text.', example: 'x' };
const number = { description: 'A number.', example: 1, min: 0, max: 100 };

class Fields {
  @InstantField({ description: 'When.', example: '2026-01-06T16:15:00.000Z' }) takenAt!: Date;
  @DayField({ description: 'A day.', example: '2026-01-06' }) day!: string;
  @UuidField({ description: 'An id.', example: '019b9500-a0c8-7c2e-8f4d-2a9b7c6d5e10' }) place!: string;
  @StringField({ ...text, max: 40, optional: true, nullable: true }) note?: string | null;
  @StringField({ ...text, max: 10_000 }) story!: string;
  @EnumField({ ...text, values: ['x', 'longest_one'], name: 'Probe', meaning: 'A probe.' }) kind!: string;
  @NumberField(number) value!: number;
  @IntegerField(number) count!: number;
  @BooleanField({ description: 'A mark.', example: true }) first!: boolean;
}
type Field = keyof Fields;
const FIELDS: Field[] = ['takenAt', 'day', 'place', 'note', 'story', 'kind', 'value', 'count', 'first'];

@Entity('users')
class User {
  @uuidKey() id!: string;
}

abstract class Owned extends GroupedRecord {
  @uuidKey() @ForeignKey('users', { onDelete: 'CASCADE' }) userId!: string;
}

/** It stores each field unchanged. */
@Entity('probes')
@Index('idx_probes', ['userId', 'seq'])
class Probe extends Owned {
  @instantColumn() takenAt!: Date;
  @dayColumn() day!: string;
  @textColumn(36) place!: string;
  @textColumn(40, { nullable: true }) note!: string | null;
  @longTextColumn() story!: string;
  @textColumn(11) kind!: string;
  @doubleColumn() value!: number;
  @integerColumn() count!: number;
  @booleanColumn() first!: boolean;
}

/** Each column is too small for its field, or of another type. */
@Entity('poor_probes')
class PoorProbe extends Owned {
  @textColumn(30) takenAt!: Date;
  @textColumn(9) day!: string;
  @textColumn(35) place!: string;
  @textColumn(40) note!: string | null;
  @textColumn(9_999) story!: string;
  @textColumn(10) kind!: string;
  @integerColumn() value!: number;
  @quantityColumn() count!: number;
  @integerColumn() first!: boolean;
}

@Entity('small_probes')
@Index('idx_small_probes', ['userId', 'seq'])
class SmallProbe extends SyncedRecord {
  @uuidKey() @ForeignKey('users', { onDelete: 'CASCADE' }) userId!: string;
  @jsonColumn() first!: boolean;
}

class BigFields {
  @IntegerField({ ...number, max: 2_147_483_648 }) count!: number;
  @StringField({ ...text, max: 16_384 }) story!: string;
}

const all = FIELDS.map((name) => [name]);

/** Each of these mistakes stops the start, with a line that names the field. */
describe('a kind that is declared wrongly', () => {
  let source: DataSource;
  beforeAll(async () => {
    source = new DataSource({
      type: 'better-sqlite3',
      database: ':memory:',
      entities: [User, Probe, PoorProbe, SmallProbe],
      namingStrategy: new SnakeNaming(),
    });
    await source.initialize();
  });
  afterAll(() => source.destroy());

  /** The faults of one kind, without those of the other tables and of the type of owner. */
  const faultsOf = (entity: new () => SyncedRecord, changes: object = {}): string[] =>
    catalogFaults(source, [
      recordOf({ kind: 'probe', entity, fields: Fields, data: Fields, groups: all as never, ...changes }),
    ]).filter(
      (fault) => /probe\b|^probes needs/.test(fault) || (entity === PoorProbe && fault.startsWith('poor_')),
    );

  it('has no faults when each column stores its field unchanged', () => {
    expect(faultsOf(Probe)).toEqual([]);
  });

  it('has columns that cannot store its fields', () => {
    expect(faultsOf(PoorProbe)).toEqual([
      'poor_probes needs an index on (owner, seq): phones get changes in that order',
      'probe.takenAt: needs instantColumn',
      'probe.day: may have 10 characters, but its column has 9',
      'probe.place: may have 36 characters, but its column has 35',
      'probe.note: may be absent, but its column is not nullable',
      'probe.story: may have 10000 characters, but its column has 9999',
      'probe.kind: may have 11 characters, but its column has 10',
      'probe.value: may have decimals, so it needs doubleColumn',
      'probe.count: needs integerColumn',
      'probe.first: needs booleanColumn',
    ]);
  });

  it('has fields that are larger than a column of their type can be', () => {
    const groups = [['count'], ['story']];
    expect(faultsOf(Probe, { fields: BigFields, data: BigFields, groups })).toEqual([
      'probe.count: must be from -2147483647 to 2147483647',
      'probe.story: may have 16384 characters, but its column has 16383',
    ]);
  });

  it('has a field without a column', () => {
    const faults = faultsOf(SmallProbe, { groups: [FIELDS] });
    expect(faults).toContain('probe.note: has no column in SmallProbe');
    expect(faults).toContain('probe.first: needs booleanColumn');
  });

  it('has fields in no group, in two groups, or groups without a field', () => {
    const groups = [...all.slice(1), ['day'], ['colour']];
    expect(faultsOf(Probe, { groups })).toEqual([
      'probe.takenAt: is in no group',
      'probe.colour: is in a group, but no field',
      'probe.day: is in two groups',
    ]);
  });

  it('has a group of which only a part was added later', () => {
    const groups = [FIELDS.slice(0, 2), ...FIELDS.slice(2).map((field) => [field])];
    expect(faultsOf(Probe, { groups, addedLater: ['day', 'note'] })).toEqual([
      'probe.takenAt: was added later only with its whole group',
    ]);
  });

  it('may have a column that is never null for a field that an app may leave out, if it was added later', () => {
    class Later extends Fields {
      @IntegerField({ ...number, optional: true }) declare count: number;
    }
    const fault = 'probe.count: may be absent, but its column is not nullable';
    expect(faultsOf(Probe, { fields: Later })).toEqual([fault]);
    expect(faultsOf(Probe, { fields: Later, addedLater: ['count'] })).toEqual([]);
  });

  it('has several groups, but no column for their clocks', () => {
    expect(faultsOf(SmallProbe)).toContain(
      'probe: has several groups, so its entity must extend GroupedRecord',
    );
  });

  it('has a value that prevails of a field in no group, or no column for who has seen it', () => {
    const prevails = { property: 'nothing', value: 'x' };
    expect(faultsOf(Probe, { prevails })).toEqual(['probe.nothing: prevails, but is in no group']);
    expect(faultsOf(SmallProbe, { prevails })).toContain(
      'probe: has a value that prevails, so its entity must extend GroupedRecord',
    );
  });

  it('has a name that the API and the database cannot use', () => {
    expect(faultsOf(Probe, { kind: 'Probe probe' })).toContain(
      'Probe probe: the name must be lower-case words joined by _, at most 32 characters',
    );
  });
});
