import { Unreachable } from './problem.js';
import type { Runtime } from './runtime.js';

/** Time limit of a request: on a phone a request may otherwise never end. */
export const WATCHDOG_MS = 45_000;

const HAS_NO_BODY = new Set([204, 304]);

/**
 * Sends a request and reads the whole answer within the time limit.
 * @throws Unreachable if there is no answer in time.
 */
export async function exchange(runtime: Runtime, request: Request): Promise<Response> {
  const controller = new AbortController();
  let cancel = (): void => undefined;
  const watchdog = new Promise<never>((_, reject) => {
    cancel = runtime.after(WATCHDOG_MS, () => {
      reject(new Unreachable('timeout'));
      controller.abort();
    });
  });
  // The service redirects no call; somebody else must not get the password or the token in its body.
  const guarded = new Request(request, { signal: controller.signal, redirect: 'error' });
  try {
    return await Promise.race([read(runtime, guarded), watchdog]);
  } finally {
    cancel();
  }
}

async function read(runtime: Runtime, request: Request): Promise<Response> {
  // A failed request cannot be sent again.
  const { url } = request;
  try {
    const response = await runtime.fetch(request);
    const text = await response.text();
    readable.add(runtime);
    const { status, headers } = response;
    return new Response(HAS_NO_BODY.has(status) ? null : text, { status, headers: plain(headers) });
  } catch {
    throw new Unreachable((await isForbidden(runtime, url)) ? 'cors' : 'network');
  }
}

/** Where some answer could be read, so that the server allows this page. */
const readable = new WeakSet<Runtime>();

/**
 * Whether the server can be reached but does not allow this page. A browser reports a refusal like a broken connection, on
 * purpose; but a request whose answer may not be read succeeds only if there is an answer.
 */
async function isForbidden(runtime: Runtime, url: string): Promise<boolean> {
  const { origin } = runtime;
  if (origin === undefined || new URL(url).origin === origin || readable.has(runtime)) return false;
  // Node's types lack the options of browsers.
  const options = { mode: 'no-cors', cache: 'no-store', credentials: 'omit' } as RequestInit;
  const probe = new Request(url.replace(/\/api\/.*$/, '/health/live'), options);
  return runtime.fetch(probe).then(
    () => true,
    () => false,
  );
}

/** The text is already decompressed. */
function plain(headers: Headers): Headers {
  const copy = new Headers(headers);
  copy.delete('content-encoding');
  copy.delete('content-length');
  return copy;
}
