import { defineRecord } from '../../../records/define/define-record.js';
import { faultsOfFuture } from '../not-of-the-future.js';
import { LotFieldsDto } from './lots.dto.js';
import { MedicationLot } from './medication-lot.entity.js';
import { faultsOfLotReferences, referencesOf } from './medication-references.js';

/** Of all medications together. */
export const MAX_LOTS = 5_000;

export const lotRecord = defineRecord({
  kind: 'medication_lot',
  most: MAX_LOTS,
  entity: MedicationLot,
  fields: LotFieldsDto,
  data: LotFieldsDto,
  groups: [
    ['medicationId', 'units', 'addedAt', 'discarded'],
    ['expiresOn'],
    ['openedOn'],
    ['useBy'],
    ['lotNumber'],
    ['note'],
  ],
  check: ({ units, discarded }) =>
    units !== undefined && discarded != null && discarded > units
      ? [{ field: 'discarded', code: 'out-of-range', message: 'discarded must be at most units' }]
      : [],
  refersTo: referencesOf,
  admit: (entered, stored) => [
    ...faultsOfFuture('added_at', entered.addedAt, stored.current?.addedAt, stored.now),
    ...faultsOfLotReferences(entered, stored),
  ],
});
