import { v5 as uuidv5 } from 'uuid';

/** It is part of the API. */
const NAMESPACE = '8a0b2f4e-3d57-5c1e-9b26-0f6a7d41c95e';

/**
 * The id of a reading that a source knows by an id of its own, a UUIDv5: with any other, the service refuses the reading. So a reading
 * that several devices upload is stored once.
 * @param metric the kind of reading, such as `heart_rate`; `body_weight` for a weight, `sleep` for a session of sleep.
 * @param externalId the `external_id` of the record.
 */
export const readingId = (metric: string, source: string, externalId: string): string =>
  uuidv5(`${metric}/${source}/${externalId}`, NAMESPACE);
