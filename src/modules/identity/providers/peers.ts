import { Problem } from '../../../kernel/http/problem.js';

/** Longer than any working provider takes. */
export const PEER_TIMEOUT_MS = 5_000;
const RETRY_SECONDS = 30;

/** A provider refused the request, such as one with a used code. */
export class RefusedByPeer extends Error {}

export const peerUnavailable = (cause?: unknown): Problem =>
  Object.assign(new Problem('provider-unavailable', { retryAfter: RETRY_SECONDS }), { cause });

type Json = Readonly<Record<string, unknown>>;

/** @throws Problem `provider-unavailable`, RefusedByPeer */
export const getJson = (
  url: string | URL,
  headers: Readonly<Record<string, string>> = {},
): Promise<unknown> => request(url, { headers });

/** @throws Problem `provider-unavailable`, RefusedByPeer */
export async function postForm(url: string, form: Readonly<Record<string, string>>): Promise<Json> {
  const answer = await request(url, { method: 'POST', body: new URLSearchParams(form) });
  // GitHub answers 200 even for a code that it refuses.
  if (typeof answer !== 'object' || answer === null || 'error' in answer) throw new RefusedByPeer();
  return answer as Json;
}

async function request(url: string | URL, init: RequestInit): Promise<unknown> {
  const response = await attempt(() =>
    fetch(url, {
      ...init,
      headers: { accept: 'application/json', 'user-agent': 'Hale', ...init.headers },
      // The provider's URL is configured, but a redirect target would not be.
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
