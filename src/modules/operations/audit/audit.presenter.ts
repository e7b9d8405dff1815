import type { Listing } from '../../../kernel/http/paging.js';
import type { NamedEntry } from './audit.service.js';

export const auditEntries = ({ data, ...page }: Listing<NamedEntry>) => ({
  ...page,
  data: data.map((entry) => ({ ...entry, times: entry.times ?? 1, seq: Number(entry.seq) })),
});

/** Shows a person who acted on their account, but not the id of somebody else. */
export const accessLogEntries = ({ data, ...page }: Listing<NamedEntry>) => ({
  ...page,
  data: data.map((entry) => ({ ...entry, times: entry.times ?? 1, by: byOf(entry) })),
});

const byOf = ({ actor, subject }: NamedEntry): string =>
  actor === null ? 'stranger' : actor === subject ? 'me' : 'somebody';
