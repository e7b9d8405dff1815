// Copied by `npm run generate` from src/modules/health/medications/slot-id.ts: change it there.
import { v5 as uuidv5 } from 'uuid';

/** The namespace of the ids below. It is part of the API and never changes. */
export const DOSE_NAMESPACE = '5d0a1c1e-6f43-5b7a-8c39-2e7b90f4a6d1';

/**
 * The id of the intake of a scheduled dose. Everybody who ticks the dose derives the same id, so that it is one record.
 * @param scheduleId the id of the first version of the schedule: a later version that expects the same time expects the same dose
 * @param slot as in `DoseSlot`
 */
export const slotId = (scheduleId: string, slot: string): string =>
  uuidv5(`${scheduleId}/${slot}`, DOSE_NAMESPACE);

/** The id of a later version of a schedule. Two phones that change one schedule for one day write one record. */
export const versionId = (scheduleId: string, startsOn: string): string =>
  uuidv5(`${scheduleId}/${startsOn}`, DOSE_NAMESPACE);
