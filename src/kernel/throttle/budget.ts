import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../http/problem.js';
import { clientAddress } from './client-address.js';
import type { CounterStorage } from './counter-storage.js';

/** The window of the default budget: one minute. */
export const WINDOW_MS = 60_000;

/** The name of a budget in the `RateLimit` headers: `default` covers all routes, `route` a route with its own budget. */
export type BudgetName = 'default' | 'route';

interface Budget {
  readonly name: BudgetName;
  readonly limit: number;
  readonly windowMs: number;
}

type Count = Pick<
  Awaited<ReturnType<CounterStorage['increment']>>,
  'totalHits' | 'timeToExpire' | 'isBlocked'
>;

/** The key of the budget that all anonymous requests of an IP address share. */
export const addressBudget = (request: FastifyRequest): string => `address:${clientAddress(request)}`;

/** The key of a person's budget over all routes and sessions. A viewer uses their own budget and not the owner's. */
export const personBudget = ({ userId, viewerId }: { userId: string; viewerId?: string }): string =>
  `user:${viewerId ?? userId}`;

/**
 * Sets the headers of draft-ietf-httpapi-ratelimit-headers, which show what is left of a budget.
 * @throws Problem `rate-limited` when the budget is used up
 */
export function announce(reply: FastifyReply, { name, limit, windowMs }: Budget, count: Count): void {
  const { totalHits, timeToExpire, isBlocked } = count;
  reply.header('RateLimit-Policy', `"${name}";q=${limit};w=${Math.ceil(windowMs / 1_000)}`);
  reply.header('RateLimit', `"${name}";r=${Math.max(0, limit - totalHits)};t=${timeToExpire}`);
  if (isBlocked) throw new Problem('rate-limited', { retryAfter: timeToExpire });
}
