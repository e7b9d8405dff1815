import { Documented } from '../../../kernel/http/documented.js';
import { BooleanQuery, EnumField, InstantField, ListField, UuidField } from '../../../kernel/http/fields.js';
import { Page } from '../../../kernel/http/paging.js';
import { SourceField } from '../health-metrics/health-metrics.fields.js';
import { DELETION_FAILURES, DELETION_STATUSES, type DeletionFailure } from './source-deletion.entity.js';
import { deletion, deletionExamples, deletionPage } from './sources.examples.js';
import { CountField, PartField } from './sources.dto.js';

export class DeleteSourceQuery {
  @BooleanQuery({
    description: 'True: only count the records, and nothing is deleted.',
    example: true,
  })
  dryRun: boolean = false;
}

@Documented({ description: 'How many records of one kind.' })
export class SourceCountDto {
  @PartField() kind!: string;
  @CountField('Number of records.', 11_322) count!: number;
}

@Documented({ description: 'The deletion of all records of a source.', examples: deletionExamples })
export class SourceDeletionDto {
  @UuidField({
    description: 'Its id; null when it was only counted, or when there is nothing to delete.',
    example: deletion.id,
    nullable: true,
  })
  id!: string | null;

  @SourceField() source!: string;

  @EnumField({
    description: 'What becomes of it.',
    example: deletion.status,
    values: ['counted', ...DELETION_STATUSES],
    name: 'SourceDeletionStatus',
    meaning:
      '`counted`: a dry run; `deleting`: it is running; `deleted`: it has ended; `undoing`: it is being taken back; `undone`: it was taken back; `failed`: the deletion or its undo was given up after many attempts; it can be undone.',
  })
  status!: string;

  @ListField({
    description: 'The records that were deleted so far, by kind; in a dry run, those that would be.',
    type: () => SourceCountDto,
  })
  kinds!: SourceCountDto[];

  @CountField('The sum over all kinds. It shows the progress while it is running.', deletion.records_deleted)
  recordsDeleted!: number;

  @CountField(
    'Records that were taken back so far. In the end, the others are those that were edited or deleted again since.',
    deletion.records_restored,
  )
  recordsRestored!: number;

  @EnumField({
    description: 'Why it is `failed`; null otherwise.',
    example: 'deletion-interrupted',
    values: DELETION_FAILURES,
    name: 'SourceDeletionFailure',
    meaning:
      '`deletion-interrupted`: what was deleted until then stays deleted; `undo-interrupted`: what was taken back stays. In both cases `POST /api/sources/deletions/{id}/undo` takes the rest back.',
    nullable: true,
  })
  failure!: DeletionFailure | null;

  @InstantField({
    description: 'When it began; null for a dry run.',
    example: deletion.created_at,
    nullable: true,
  })
  createdAt!: Date | null;

  @InstantField({
    description: 'When it ended; null before.',
    example: deletion.finished_at,
    nullable: true,
  })
  finishedAt!: Date | null;

  @InstantField({
    description:
      'Until when it can be taken back: 30 days after its end, also when it has failed; null before its end, and when it is taken back.',
    example: deletion.undo_until,
    nullable: true,
  })
  undoUntil!: Date | null;
}

@Documented({ description: 'A page of deletions of sources.', examples: deletionPage })
export class SourceDeletionPageDto extends Page {
  @ListField({ description: 'Deletions, the newest first.', type: () => SourceDeletionDto })
  data!: SourceDeletionDto[];
}
