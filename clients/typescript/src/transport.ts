import { Unreachable } from './problem.js';
import type { Runtime } from './runtime.js';

/** A request on a phone may neither succeed nor fail, ever. */
export const WATCHDOG_MS = 45_000;

const HAS_NO_BODY = new Set([204, 304]);

/**
 * Sends a request and reads the whole answer, or gives up.
 * @throws Unreachable when there is none in time.
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
  try {
    return await Promise.race([read(runtime, new Request(request, { signal: controller.signal })), watchdog]);
  } finally {
    cancel();
  }
}

async function read(runtime: Runtime, request: Request): Promise<Response> {
  try {
    const response = await runtime.fetch(request);
    const text = await response.text();
    const { status, headers } = response;
    return new Response(HAS_NO_BODY.has(status) ? null : text, { status, headers: plain(headers) });
  } catch {
    throw new Unreachable('network');
  }
}

/** The text is unpacked already. */
function plain(headers: Headers): Headers {
  const copy = new Headers(headers);
  copy.delete('content-encoding');
  copy.delete('content-length');
  return copy;
}
