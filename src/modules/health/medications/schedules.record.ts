import { defineRecord } from '../../../records/define/define-record.js';
import { faultsOfVersionReferences, referencesOf, SCHEDULE } from './medication-references.js';
import { MedicationSchedule } from './medication-schedule.entity.js';
import { faultsOfPast, setBegin } from './schedule-past.js';
import { faultsOfSchedule, PLAN } from './schedule-rules.js';
import { ScheduleDataDto, ScheduleFieldsDto } from './schedules.fields.js';

/** All versions together. The doses of a period are computed from all of them. */
export const MAX_VERSIONS = 2_000;

export const scheduleRecord = defineRecord({
  kind: SCHEDULE,
  most: MAX_VERSIONS,
  entity: MedicationSchedule,
  fields: ScheduleFieldsDto,
  data: ScheduleDataDto,
  groups: [PLAN, ['mealRelation'], ['note']],
  check: faultsOfSchedule,
  refersTo: referencesOf,
  // The id of a version is that of its day.
  apart: (values) => (values.versionOf == null ? values : undefined),
  compare: setBegin,
  admit: (entered, stored) => [
    ...faultsOfVersionReferences(entered, stored),
    ...faultsOfPast(entered, stored.current, stored.now),
  ],
});
