import { Problem } from '../../kernel/http/problem.js';

/** Longer than any provider takes that works. */
export const PEER_TIMEOUT_MS = 5_000;
const RETRY_SECONDS = 30;

/** Something a provider did not like, such as a code that is used. */
export class RefusedByPeer extends Error {}

export const peerUnavailable = (cause?: unknown): Problem =>
  Object.assign(new Problem('provider-unavailable', { retryAfter: RETRY_SECONDS }), { cause });

type Json = Readonly<Record<string, unknown>>;

/** @throws Problem `provider-unavailable`, RefusedByPeer */
export const getJson = (
  url: string | URL,
  headers: Readonly<Record<string, string>> = {},
): Promise<unknown> => ask(url, { headers });

/** @throws Problem `provider-unavailable`, RefusedByPeer */
export async function postForm(url: string, form: Readonly<Record<string, string>>): Promise<Json> {
  const answer = await ask(url, { method: 'POST', body: new URLSearchParams(form) });
  // GitHub answers 200 to a code it does not take.
  if (typeof answer !== 'object' || answer === null || 'error' in answer) throw new RefusedByPeer();
  return answer as Json;
}

async function ask(url: string | URL, init: RequestInit): Promise<unknown> {
  const response = await attempt(() =>
    fetch(url, {
      ...init,
      headers: { accept: 'application/json', 'user-agent': 'Hale', ...init.headers },
      // Whoever we ask is configured; where it would send us is not.
      redirect: 'error',
      signal: AbortSignal.timeout(PEER_TIMEOUT_MS),
    }),
  );
  const body: unknown = await attempt(() => response.text()).then(parsed);
  if (response.status >= 500 || response.status === 429 || body === undefined) throw peerUnavailable();
  if (!response.ok) throw new RefusedByPeer();
  return body;
}

async function attempt<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw peerUnavailable(error);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
