import { v5 as uuidv5 } from 'uuid';
import type { FieldError } from '../../../kernel/http/problem.js';
import type { Upload } from '../uploads.js';
import { MANUAL } from './weight-readings.js';

/** The namespace of {@link readingId}. It is part of the API and never changes. */
export const READING_NAMESPACE = '8a0b2f4e-3d57-5c1e-9b26-0f6a7d41c95e';

/**
 * The id of a reading that a source knows by an id of its own. Everybody who uploads the reading derives the same id, so that
 * it is stored once. The metric is part of it, because a scale gives all values of one weighing the same id.
 */
export const readingId = (metric: string, source: string, externalId: string): string =>
  uuidv5(`${metric}/${source}/${externalId}`, READING_NAMESPACE);

/** Without this rule, a reading that is uploaded twice under two ids would count twice. */
export function faultsOfId(
  { metric, source, externalId }: { metric?: string; source?: string; externalId?: string | null },
  id: string | undefined,
): FieldError[] {
  if (metric === undefined || source === undefined || !externalId || id === undefined) return [];
  const derived = readingId(metric, source, externalId);
  if (id === derived) return [];
  const message = `a reading with this external_id must have the id ${derived}`;
  return [{ field: 'external_id', code: 'invalid', message }];
}

interface Sent {
  readonly id?: string;
  readonly source?: string;
  readonly externalId?: string | null;
}

/** What a client that is online sends. An id of the source decides the id of the reading, so that a repeated upload finds it. */
export function uploadOf<Input extends Sent>(metric: string, { id, ...sent }: Input): Upload {
  const { source = MANUAL, externalId } = sent;
  if (!externalId) return { id, entered: sent };
  return { id: id ?? readingId(metric, source, externalId), entered: { ...sent, source } };
}
