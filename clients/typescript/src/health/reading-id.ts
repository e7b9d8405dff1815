// Copied by `npm run generate` from src/modules/health/health-metrics/reading-id.ts: change it there.
import { v5 as uuidv5 } from 'uuid';

/** The namespace of {@link readingId}. It is part of the API and never changes. */
export const READING_NAMESPACE = '8a0b2f4e-3d57-5c1e-9b26-0f6a7d41c95e';

/**
 * The id of a reading that a source knows by an id of its own, a UUIDv5; the service refuses any other. Everybody who uploads the
 * reading derives the same id, so that it is stored once. The metric is part of it, because a scale gives all values of one
 * weighing the same id.
 * @param metric the kind of reading, such as `heart_rate`; `body_weight` for a weight, `sleep` for a session of sleep.
 * @param externalId the `external_id` of the record.
 */
export const readingId = (metric: string, source: string, externalId: string): string =>
  uuidv5(`${metric}/${source}/${externalId}`, READING_NAMESPACE);
