import type { FieldError } from '../../../kernel/http/problem.js';
import type { RecordReference, StoredRecords } from '../../../records/define/define-record.js';
import type { IntakeFieldsDto } from './intakes.fields.js';
import type { LotFieldsDto } from './lots.dto.js';
import type { MedicationIntake } from './medication-intake.entity.js';
import type { MedicationLot } from './medication-lot.entity.js';
import type { MedicationSchedule } from './medication-schedule.entity.js';
import { MEDICATION } from './medications.record.js';
import type { ScheduleFieldsDto } from './schedules.fields.js';

export const SCHEDULE = 'medication_schedule';

type Fields = Partial<Pick<ScheduleFieldsDto & IntakeFieldsDto, 'medicationId' | 'versionOf' | 'scheduleId'>>;
type Find = StoredRecords['find'];

/** The medication and the schedule of a schedule's version or of an intake. */
export const referencesOf = ({ medicationId, versionOf, scheduleId }: Fields): RecordReference[] => [
  ...(medicationId ? [{ kind: MEDICATION, id: medicationId }] : []),
  ...[versionOf, scheduleId].flatMap((id) => (id ? [{ kind: SCHEDULE, id }] : [])),
];

const fault = (field: string, message: string): FieldError[] => [{ field, code: 'not-allowed', message }];
const UNKNOWN_MEDICATION = fault(
  'medication_id',
  'medication_id must name a medication of yours that exists',
);
const OTHER_MEDICATION = fault('medication_id', 'medication_id must be that of the schedule');

const findSchedule = (find: Find, id: string): MedicationSchedule | undefined =>
  find({ kind: SCHEDULE, id }) as MedicationSchedule | undefined;

/**
 * Checks to what a version of a schedule refers. All versions of a schedule have its medication: otherwise the schedule of one
 * medication would expect doses that a version of another one replaces.
 * @param entered the plan as a whole, or no field of it
 */
export function faultsOfVersionReferences(
  { medicationId, versionOf }: Partial<ScheduleFieldsDto>,
  { current, find, isOnline }: StoredRecords<MedicationSchedule>,
): FieldError[] {
  if (medicationId === undefined) return [];
  if (current) return faultsOfMove({ medicationId, versionOf }, current);
  const medication = find({ kind: MEDICATION, id: medicationId });
  if (isOnline && (!medication || medication.deletedAt !== null)) return UNKNOWN_MEDICATION;
  if (!versionOf) return [];
  const first = findSchedule(find, versionOf);
  if (first ? first.versionOf !== null : isOnline)
    return fault('version_of', 'version_of must name the first version of a schedule');
  return first && first.medicationId !== medicationId ? OTHER_MEDICATION : [];
}

function faultsOfMove(
  { medicationId, versionOf }: Pick<Fields, 'medicationId' | 'versionOf'>,
  current: MedicationSchedule,
): FieldError[] {
  if (medicationId !== current.medicationId)
    return fault('medication_id', 'medication_id does not change: make another schedule');
  return (versionOf ?? null) === current.versionOf
    ? []
    : fault('version_of', 'version_of does not change: make another schedule');
}

/**
 * Checks to what an intake refers. Its medication may be deleted: what was taken was taken.
 * @param entered the dose as a whole, or no field of it
 */
export function faultsOfIntakeReferences(
  { medicationId, scheduleId, slot }: Partial<IntakeFieldsDto>,
  { current, find, isOnline }: StoredRecords<MedicationIntake>,
): FieldError[] {
  if (medicationId === undefined) return [];
  // It keeps the name, the strength and the unit of its medication.
  if (current && medicationId !== current.medicationId)
    return fault('medication_id', 'medication_id does not change: delete the intake, and make another one');
  // Otherwise nobody could tick the dose any more: its id would be taken.
  if (current?.slot && (slot !== current.slot || scheduleId !== current.scheduleId))
    return fault('slot', 'slot does not change: delete the intake, and make another one');
  if (current) return [];
  if (isOnline && !find({ kind: MEDICATION, id: medicationId })) return UNKNOWN_MEDICATION;
  const schedule = scheduleId ? findSchedule(find, scheduleId) : undefined;
  if (scheduleId && (schedule ? schedule.versionOf !== null : isOnline))
    return fault('schedule_id', 'schedule_id must name the first version of a schedule');
  return schedule && schedule.medicationId !== medicationId ? OTHER_MEDICATION : [];
}

/**
 * Checks to what a lot refers. A phone may send it before its medication.
 * @param entered the package as a whole, or no field of it
 */
export function faultsOfLotReferences(
  { medicationId }: Partial<LotFieldsDto>,
  { current, find, isOnline }: StoredRecords<MedicationLot>,
): FieldError[] {
  if (medicationId === undefined) return [];
  if (current)
    return medicationId === current.medicationId
      ? []
      : fault('medication_id', 'medication_id does not change: delete the lot, and make another one');
  const medication = find({ kind: MEDICATION, id: medicationId });
  return isOnline && (!medication || medication.deletedAt !== null) ? UNKNOWN_MEDICATION : [];
}
