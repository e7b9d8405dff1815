import { defineRecord } from '../../../records/define/define-record.js';
import { MedicationSchedule } from './medication-schedule.entity.js';
import { faultsOfPast, faultsOfSchedule, PLAN } from './schedule-rules.js';
import { ScheduleFieldsDto } from './schedules.fields.js';

/** All versions together. The doses of a period are computed from all of them. */
export const MAX_VERSIONS = 2_000;

export const scheduleRecord = defineRecord({
  kind: 'medication_schedule',
  most: MAX_VERSIONS,
  entity: MedicationSchedule,
  fields: ScheduleFieldsDto,
  data: ScheduleFieldsDto,
  groups: [PLAN, ['mealRelation'], ['note']],
  check: faultsOfSchedule,
  admit: (entered, { current, now }) => faultsOfPast(entered, current, now),
});
