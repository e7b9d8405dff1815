import { localDay } from '../../../kernel/quantities/local-day.js';
import { addDays } from '../../../kernel/quantities/local-time.js';
import { defineRecord } from '../../../records/define/define-record.js';
import { faultsOfFuture } from '../not-of-the-future.js';
import { faultsOfIntake, MARGIN_DAYS, mayBeTwoDoses, secondDose } from './intake-rules.js';
import { dayOfIntake, timeOfIntake } from './intake-day.js';
import { markIntakes } from './intake-alerts.js';
import { IntakeDataDto } from './intakes.dto.js';
import { IntakeFieldsDto } from './intakes.fields.js';
import { MedicationIntake } from './medication-intake.entity.js';
import { faultsOfIntakeReferences, referencesOf } from './medication-references.js';
import { medications } from './medications.scopes.js';
import { INTAKE } from './waiting-intakes.js';

export const intakeRecord = defineRecord({
  kind: INTAKE,
  entity: MedicationIntake,
  fields: IntakeFieldsDto,
  data: IntakeDataDto,
  groups: [
    // The status decides which values are valid, and the dose is what it is about, so they are one group.
    [
      'medicationId',
      'scheduleId',
      'slot',
      'scheduledFor',
      'timeZone',
      'status',
      'takenAt',
      'amount',
      'snoozedUntil',
      // What was confirmed is this dose: another amount has to be confirmed again.
      'confirmed',
    ],
    ['reason'],
    ['site'],
    ['note'],
  ],
  // A dose that was taken is taken, whatever somebody says later who has not heard of it.
  prevails: { property: 'status', value: 'taken' },
  check: faultsOfIntake,
  refersTo: referencesOf,
  admit: (entered, stored) => [
    ...faultsOfFuture('taken_at', entered.takenAt, stored.current?.takenAt, stored.now),
    ...faultsOfIntakeReferences(entered, stored),
  ],
  needsDecision: mayBeTwoDoses,
  apart: secondDose,
  compare: markIntakes,
  timeline: { instant: 'sortedAt', day: 'localDate', resource: medications },
  days: ({ localDate }) => [addDays(localDate, -MARGIN_DAYS), addDays(localDate, MARGIN_DAYS)],
  derivedFrom: ['status'],
  derive: (intake) => ({ sortedAt: timeOfIntake(intake), localDate: dayOfIntake(intake, localDay) }),
});
