import { isIPv4, isIPv6 } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { Limit } from './counters.js';

/**
 * The bucket of an anonymous client: its IPv4 address, or the /64 network of its IPv6 address, because one customer owns a
 * whole /64. Fastify uses forwarding headers only from the first `TRUST_PROXY` proxies. Requests without a valid address
 * share the bucket `unknown`.
 */
export function clientAddress(request: FastifyRequest): string {
  return addressBucket(request.ip);
}

export function addressBucket(address = ''): string {
  const bare = address.split('%', 1)[0] ?? '';
  if (isIPv4(bare)) return bare;
  if (!isIPv6(bare)) return 'unknown';
  const groups = expand(bare);
  const isMapped = groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff';
  return isMapped ? groups.slice(6).flatMap(octets).join('.') : groups.slice(0, 4).join(':');
}

/** A network that an address belongs to, and what its clients may use together. */
interface NetworkLimit {
  readonly name: string;
  readonly limit: Limit;
}

/**
 * The networks by which requests and attempts from an address are counted, with their limits, the smallest first. A provider
 * gives one IPv6 customer a /64, a /56 or a /48, so the larger networks are counted too, with more room because several
 * customers may share them.
 * @param bucket as {@link addressBucket} returns it.
 * @param limit of a single client.
 */
export function networkLimits(bucket: string, limit: Limit): readonly NetworkLimit[] {
  const [first, second, third, fourth] = bucket.split(':');
  if (fourth === undefined) return [{ name: bucket, limit }];
  const site = `${first}:${second}:${third}`;
  const times = (factor: number): Limit => ({ ...limit, most: limit.most * factor });
  return [
    { name: bucket, limit },
    { name: `${site}:${fourth.padStart(4, '0').slice(0, 2)}00/56`, limit: times(4) },
    { name: `${site}/48`, limit: times(16) },
  ];
}

/** The eight groups of an IPv6 address, without leading zeros. */
function expand(address: string): string[] {
  // URL converts every notation of an address to one form: lower case, compressed, without a dotted IPv4 part.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::') as [string, string | undefined];
  const left = head ? head.split(':') : [];
  const right = tail ? tail.split(':') : [];
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => '0'), ...right];
}

const octets = (group: string): number[] => [...Buffer.from(group.padStart(4, '0'), 'hex')];
