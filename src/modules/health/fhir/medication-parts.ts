import { isoText } from '../../../platform/instant-text.js';
import type { SyncedRecord } from '../../../records/define/synced-record.js';
import type { Meta, Note } from './fhir-types.js';
import { isSaid } from './observation.js';

/* What medications and doses have in common. */

export const storedOf = ({
  id,
  version,
  updatedAt,
}: Pick<SyncedRecord, 'id' | 'version' | 'updatedAt'>): { readonly id: string; readonly meta: Meta } => ({
  id,
  meta: { versionId: String(version), lastUpdated: isoText(updatedAt) },
});

export const nameOf = (name: string, strength: string | null): string =>
  isSaid(strength) ? `${name} ${strength}` : name;

export const notesOf = (texts: readonly (string | null)[]): Note[] =>
  texts.filter(isSaid).map((text) => ({ text }));
