import { defineRecord } from '../../../records/define/define-record.js';
import { Medication } from './medication.entity.js';
import { MedicationFieldsDto } from './medications.fields.js';
import { intakesWaitingFor } from './waiting-intakes.js';

export const MEDICATION = 'medication';
/** More than anybody takes. What is computed for all of a person's medications is bounded by it. */
export const MAX_MEDICATIONS = 500;

export const medicationRecord = defineRecord({
  kind: MEDICATION,
  most: MAX_MEDICATIONS,
  entity: Medication,
  fields: MedicationFieldsDto,
  data: MedicationFieldsDto,
  groups: [
    ['name'],
    ['form'],
    ['route'],
    ['strength'],
    // An amount has no meaning without its unit.
    ['doseAmount', 'doseUnit', 'maxDailyAmount'],
    ['codes'],
    ['ingredientCodes'],
    ['minIntervalMin'],
    ['refillLeadDays'],
    ['isSupplement'],
    ['isCritical'],
    ['isArchived'],
    ['reason'],
    ['prescriber'],
    ['pharmacy'],
    ['prescriptionNumber'],
    ['color'],
    ['icon'],
    ['note'],
  ],
  awaitedBy: intakesWaitingFor,
  // Schedules, intakes and lots have amounts in this unit, also those that a phone has not sent yet.
  admit: ({ doseUnit }, { current }) =>
    !current || doseUnit === undefined || doseUnit === current.doseUnit
      ? []
      : [
          {
            field: 'dose_unit',
            code: 'not-allowed',
            message: 'dose_unit does not change, because stored amounts are in it: make another medication',
          },
        ],
});
