import type { FieldError } from '../../../kernel/http/problem.js';
import type { Upload } from '../uploads.js';
import { readingId } from './reading-id.js';
import { MANUAL } from './weight-readings.js';

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
