import type { NamedEntry } from './audit.service.js';

interface Entries {
  readonly data: readonly NamedEntry[];
  readonly total: number;
}

export const auditEntries = ({ data, total }: Entries) => ({
  data: data.map((entry) => ({ ...entry, seq: Number(entry.seq) })),
  total,
});

/** Shows a person who acted on their account, but not the id of somebody else. */
export const accessLogEntries = ({ data, total }: Entries) => ({
  data: data.map((entry) => ({ ...entry, by: byOf(entry) })),
  total,
});

const byOf = ({ actor, subject }: NamedEntry): string =>
  actor === null ? 'stranger' : actor === subject ? 'me' : 'somebody';
