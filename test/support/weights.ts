import type { Answer, Api } from './api.js';

export const WEIGHT = '/api/health-metrics/weight';
export const SYNC = `${WEIGHT}/sync`;

/** An entry of a phone's outbox. */
export const entry = (
  localId: string,
  values: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> => ({
  local_id: localId,
  weight_value: 75.5,
  unit: 'kg',
  timestamp: '2026-01-06T20:30:00Z',
  ...values,
});

export const push = (api: Api, ...entries: unknown[]): Promise<Answer> => api.post(SYNC, { entries });

export const pull = (api: Api, since?: string, limit = 100): Promise<Answer> =>
  api.get(`${SYNC}?limit=${limit}${since === undefined ? '' : `&since=${encodeURIComponent(since)}`}`);

/** Pulls page by page to the end. */
export async function drain(
  api: Api,
  since?: string,
  limit = 100,
): Promise<{ entries: Record<string, any>[]; next: string; pages: number }> {
  const entries: Record<string, any>[] = [];
  let next = since;
  for (let pages = 1; ; pages++) {
    const { status, body } = await pull(api, next, limit);
    if (status !== 200) throw new Error(`pull answered ${status}`);
    entries.push(...body['entries']);
    next = body['next_since'] as string;
    if (!body['has_more']) return { entries, next, pages };
  }
}

/** The entries that a phone shows after a pull: the newest version of each, without the deleted ones. */
export function live(entries: readonly Record<string, any>[]): Map<string, Record<string, any>> {
  const shown = new Map<string, Record<string, any>>();
  for (const change of entries)
    if (change['deleted']) shown.delete(change['server_id']);
    else shown.set(change['server_id'], change);
  return shown;
}
