import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../http/problem.js';
import { clientAddress, networkLimits } from './client-address.js';
import type { Balance } from './counter-storage.js';
import type { Step } from './counters.js';

/** The window of the default budget: one minute. */
export const WINDOW_MS = 60_000;

/** The name of a budget in the `RateLimit` headers: `default` covers all routes, `route` a route with its own budget. */
export type BudgetName = 'default' | 'route';

interface Budget {
  readonly name: BudgetName;
  readonly limit: number;
  readonly windowMs: number;
}

/** The key of the budget that all anonymous requests of an IPv4 address or an IPv6 /64 share. */
export const addressBudget = (request: FastifyRequest): string => `address:${clientAddress(request)}`;

/**
 * The budgets that an anonymous request uses, beginning with {@link addressBudget}: an IPv6 address also uses those of its larger
 * networks.
 * @param limit of a single client.
 */
export const addressBudgets = (request: FastifyRequest, limit: number): readonly Step[] =>
  networkLimits(clientAddress(request), { most: limit, windowMs: WINDOW_MS }).map(
    ({ name, limit: { most } }) => ({ key: `address:${name}`, most }),
  );

/** The key of a person's budget over all routes and sessions. A viewer uses their own budget and not the owner's. */
export const personBudget = ({ userId, viewerId }: { userId: string; viewerId?: string }): string =>
  `user:${viewerId ?? userId}`;

/**
 * Sets the headers of draft-ietf-httpapi-ratelimit-headers, which show what is left of a budget.
 * @throws Problem `rate-limited` when the budget is used up
 */
export function announce(reply: FastifyReply, { name, limit, windowMs }: Budget, balance: Balance): void {
  const { left, renewsIn, isSpent } = balance;
  reply.header('RateLimit-Policy', `"${name}";q=${limit};w=${Math.ceil(windowMs / 1_000)}`);
  reply.header('RateLimit', `"${name}";r=${Math.min(left, limit)};t=${renewsIn}`);
  if (isSpent) throw new Problem('rate-limited', { retryAfter: renewsIn });
}
