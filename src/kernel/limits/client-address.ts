import { isIPv6 } from 'node:net';
import type { FastifyRequest } from 'fastify';

/**
 * The bucket of an anonymous client: an IPv4 address, or the /64 of an IPv6 one, since a single customer owns that
 * many addresses. Forwarding headers count only behind `TRUST_PROXY` proxies (Fastify takes care of that). Requests
 * without an address share one bucket.
 */
export function clientAddress(request: FastifyRequest): string {
  return addressBucket(request.ip);
}

export function addressBucket(address: string | undefined): string {
  if (!address) return 'unknown';
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  return isIPv6(address) ? expand(address).slice(0, 4).join(':') : address;
}

/** The eight groups of an IPv6 address, without leading zeros. */
function expand(address: string): string[] {
  const bare = address.split('%', 1)[0] ?? '';
  const [head = '', tail] = bare.toLowerCase().split('::') as [string, string | undefined];
  const left = head ? head.split(':') : [];
  const right = tail ? tail.split(':') : [];
  const gap = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...gap, ...right].map((group) => group.replace(/^0+(?=.)/, ''));
}
