import { Entity, ForeignKey, Index, type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { recordColumns } from '../../migrations/record-columns.js';
import {
  bigint,
  instant,
  integer,
  key,
  longText,
  optional,
  text,
  uuid,
} from '../../migrations/table-columns.js';
import { Documented } from '../../src/kernel/http/documented.js';
import { IntegerField, StringField } from '../../src/kernel/http/fields.js';
import { integerColumn, textColumn, uuidKey } from '../../src/platform/database/columns.js';
import { NotARecord } from '../../src/platform/database/not-a-record.js';
import { Conflict } from '../../src/records/define/conflict.js';
import { conflictsOf } from '../../src/records/define/define-conflicts.js';
import { recordOf } from '../../src/records/define/define-record.js';
import type { Owner, OwnerType } from '../../src/records/define/owner.js';
import { OwnerEpoch, OwnerSequence } from '../../src/records/define/owner-sequence.js';
import { GroupedRecord } from '../../src/records/define/synced-record.js';
import { RecordRepository } from '../../src/records/write/record-repository.js';
import type { Records } from '../../src/records/write/records.js';

/* An owner that is not a person: a team whose members write the score of a match together. */

export const teamType: OwnerType = {
  name: 'team',
  table: 'teams',
  column: 'team_id',
  sequences: 'team_sequences',
  epochs: 'team_epochs',
  conflicts: 'team_conflict',
  missing: 'not-found',
};

export const team = (id: string): Owner => ({ type: teamType, id });

const teamKey = (name: string): PropertyDecorator => {
  const reference = ForeignKey('teams', { name, onDelete: 'CASCADE', onUpdate: 'RESTRICT' });
  return (target, property) => {
    uuidKey()(target, property);
    reference(target, property);
  };
};

@Entity('teams')
export class Team {
  @uuidKey() id!: string;
}

@NotARecord('the order of records')
@Entity('team_sequences')
export class TeamSequence extends OwnerSequence {
  @teamKey('fk_team_sequences_team') teamId!: string;
}

@NotARecord('epochs that have ended')
@Entity('team_epochs')
export class TeamEpoch extends OwnerEpoch {
  @teamKey('fk_team_epochs_team') teamId!: string;
}

@Entity('team_conflicts')
@Index('idx_team_conflicts_seq', ['teamId', 'seq'])
export class TeamConflict extends Conflict {
  @teamKey('fk_team_conflicts_team') teamId!: string;
}

@Entity('team_scores')
@Index('idx_team_scores_seq', ['teamId', 'seq'])
export class TeamScore extends GroupedRecord {
  @teamKey('fk_team_scores_team') teamId!: string;
  @textColumn(40) home!: string;
  @integerColumn() points!: number;
}

@Documented({ description: 'The score that a team enters.' })
class TeamScoreFields {
  @StringField({ description: 'The home team.', example: 'Reds', max: 40 })
  home!: string;

  @IntegerField({ description: 'Their points.', example: 3, min: 0, max: 1_000 })
  points!: number;
}

export const teamConflicts = conflictsOf(teamType, TeamConflict);

export const scoreRecord = recordOf({
  kind: 'team_score',
  owner: teamType,
  entity: TeamScore,
  fields: TeamScoreFields,
  data: TeamScoreFields,
  groups: [['home'], ['points']],
});

/** The scores of one team. */
export class ScoresRepository extends RecordRepository<TeamScore> {
  constructor(records: Records, owner: Owner) {
    super(records, scoreRecord, owner);
  }
}

const teamReference = (table: string) => ({
  name: `fk_${table}_team`,
  columnNames: ['team_id'],
  referencedTableName: 'teams',
  referencedColumnNames: ['id'],
  onDelete: 'CASCADE',
  onUpdate: 'RESTRICT',
});

const teamColumns = [uuid('team_id', key), ...recordColumns.filter(({ name }) => name !== 'user_id')];

const ofTeam = (name: string, columns: Table['columns'] | object[], isFeed = false): Table =>
  new Table({
    name,
    columns: columns as never,
    foreignKeys: [teamReference(name)],
    indices: isFeed ? [{ name: `idx_${name}_seq`, columnNames: ['team_id', 'seq'] }] : [],
  });

const tables = [
  new Table({ name: 'teams', columns: [uuid('id', key)] }),
  ofTeam('team_sequences', [
    uuid('team_id', key),
    bigint('seq'),
    instant('stamp'),
    text('epoch', 16, { default: "''" }),
    { ...bigint('purged_seq'), default: 0 },
    { ...longText('digests'), ...optional },
    { ...longText('digest_count'), ...optional },
    { ...longText('record_counts'), ...optional },
  ]),
  ofTeam('team_epochs', [
    uuid('team_id', key),
    text('epoch', 16, key),
    integer('ordinal'),
    bigint('last_seq'),
    instant('created_at'),
  ]),
  ofTeam(
    'team_conflicts',
    [
      ...teamColumns,
      text('record_kind', 32),
      uuid('record_id'),
      text('reason', 20),
      integer('base_version', optional),
      { ...longText('winner'), ...optional },
      { ...longText('loser'), ...optional },
      text('status', 10),
      text('resolution', 12, optional),
      instant('resolved_at', optional),
    ],
    true,
  ),
  ofTeam('team_scores', [...teamColumns, longText('clocks'), text('home', 40), integer('points')], true),
];

export class CreateTeams1800000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of tables) await runner.createTable(table, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of tables.toReversed()) await runner.dropTable(table, true);
  }
}

export const teams = {
  kinds: [scoreRecord, teamConflicts],
  entities: [Team, TeamSequence, TeamEpoch, TeamConflict, TeamScore],
  migrations: [CreateTeams1800000000001],
};
