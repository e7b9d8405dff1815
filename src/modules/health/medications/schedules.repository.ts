import type { Listing, Place } from '../../../kernel/http/paging.js';
import { invalidField } from '../../../kernel/http/problem.js';
import { localDay } from '../../../kernel/quantities/local-day.js';
import type { Owner } from '../../../records/define/owner.js';
import type { Listed } from '../../../records/define/synced-record.js';
import { conditions } from '../../../records/read/conditions.js';
import { type Author, RecordRepository } from '../../../records/write/record-repository.js';
import type { Records } from '../../../records/write/records.js';
import type { MedicationSchedule } from './medication-schedule.entity.js';
import type { CreateScheduleDto } from './schedules.dto.js';
import { MAX_VERSIONS, scheduleRecord } from './schedules.record.js';
import { versionId } from './slot-id.js';

/** The schedules of one person. */
export class SchedulesRepository extends RecordRepository<MedicationSchedule> {
  constructor(records: Records, owner: Owner) {
    super(records, scheduleRecord, owner);
  }

  /**
   * Creates a schedule, or a version of one. A version that a phone made offline may begin before today; one that is made now may
   * not, because doses that were expected stay expected. A deleted version of the same day is stored anew.
   * @throws Problem `validation`, `id-taken`, `quota-exceeded`
   */
  add(author: Author, { id, ...input }: CreateScheduleDto, now: Date): Promise<MedicationSchedule> {
    const { versionOf, startsOn, timeZone } = input;
    if (versionOf && startsOn < localDay(now, timeZone))
      throw invalidField('starts_on', 'out-of-range', 'starts_on of a change must not be before today');
    const derived = versionOf ? versionId(versionOf, startsOn) : undefined;
    return this.create(author, id ?? derived, { ...input }, derived !== undefined);
  }

  /** One page, the newest first. */
  list(medicationId: string | undefined, place: Place): Promise<Listing<Listed<MedicationSchedule>>> {
    return this.page(conditions(['medication_id = ?', medicationId]), 'createdAt', place);
  }

  /** All live versions. */
  versions(): Promise<MedicationSchedule[]> {
    return this.select('deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT ?', [MAX_VERSIONS]);
  }

  /** The live versions of one schedule. */
  ofSchedule(id: string): Promise<MedicationSchedule[]> {
    return this.select('deleted_at IS NULL AND (id = ? OR version_of = ?) LIMIT ?', [id, id, MAX_VERSIONS]);
  }
}
