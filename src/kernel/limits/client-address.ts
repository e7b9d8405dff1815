import { isIPv4, isIPv6 } from 'node:net';
import type { FastifyRequest } from 'fastify';

/**
 * The bucket of an anonymous client: an IPv4 address, or the /64 of an IPv6 one, since a single customer owns that
 * many addresses. Forwarding headers count only behind `TRUST_PROXY` proxies (Fastify takes care of that). Requests
 * without an address, or with one that is none, share one bucket.
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

/** The eight groups of an IPv6 address, without leading zeros. */
function expand(address: string): string[] {
  // URL writes every notation of an address the same way: lower case, shortened, and no dotted end.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::') as [string, string | undefined];
  const left = head ? head.split(':') : [];
  const right = tail ? tail.split(':') : [];
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => '0'), ...right];
}

const octets = (group: string): number[] => [...Buffer.from(group.padStart(4, '0'), 'hex')];
