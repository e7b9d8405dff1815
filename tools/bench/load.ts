import autocannon, { type Request } from 'autocannon';
import { percentile } from './statistics.js';

/** The requests of a measurement: each client repeats them and waits for each answer. */
export interface Traffic {
  /** URL with path and query. */
  readonly url: string;
  readonly method: 'GET' | 'POST';
  /** The expected status; any other one fails the measurement. */
  readonly status: number;
  /** Headers of the client with this number, counted from 0. */
  readonly headers?: (client: number) => Record<string, string>;
  /** A new body for each request of the client with this number. */
  readonly body?: (client: number) => string;
}

/** The result of a few seconds of traffic. */
export interface Slice {
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** Milliseconds within which 95 of 100 requests were answered. */
  readonly p95: number;
}

/** Interval for checking the end, so that slices of both programs end on time. */
const TICK_MS = 50;

/** @throws Error if an answer was not the expected one: fast refusals are not throughput. */
export async function send(traffic: Traffic, clients: number, seconds: number): Promise<Slice> {
  const times: number[] = [];
  const unexpected = new Map<number, number>();
  let client = 0;
  const start = performance.now();
  let end = start;
  const run = autocannon({
    url: traffic.url,
    connections: clients,
    duration: seconds,
    sampleInt: TICK_MS,
    setupClient: (connection) => connection.setRequests([requestOf(traffic, client++)]),
  });
  run.on('response', (_client, status, _bytes, milliseconds) => {
    times.push(milliseconds);
    end = performance.now();
    if (status !== traffic.status) unexpected.set(status, (unexpected.get(status) ?? 0) + 1);
  });
  const { errors } = await run;
  if (errors > 0 || unexpected.size > 0 || times.length === 0)
    throw new Error(
      `${traffic.url}: ${errors} without an answer, ${JSON.stringify([...unexpected])} refused`,
    );
  return {
    requests: times.length,
    requestsPerSecond: (times.length / (end - start)) * 1_000,
    p95: percentile(times, 0.95),
  };
}

function requestOf({ url, method, headers, body }: Traffic, client: number): Request {
  const { pathname, search } = new URL(url);
  const type: Record<string, string> = body ? { 'content-type': 'application/json' } : {};
  return {
    method,
    path: pathname + search,
    headers: { ...headers?.(client), ...type },
    ...(body ? { setupRequest: (request) => ({ ...request, body: body(client) }) } : {}),
  };
}
