import { v5 as uuidv5 } from 'uuid';

/** The namespace of {@link readingId}. It is part of the API and never changes. */
export const READING_NAMESPACE = '8a0b2f4e-3d57-5c1e-9b26-0f6a7d41c95e';

/**
 * The id of a reading that a source knows by an id of its own. Everybody who uploads the reading derives the same id, so that
 * it is stored once. The metric is part of it, because a scale gives all values of one weighing the same id.
 */
export const readingId = (metric: string, source: string, externalId: string): string =>
  uuidv5(`${metric}/${source}/${externalId}`, READING_NAMESPACE);
