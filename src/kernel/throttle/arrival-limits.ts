import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Config } from '../../config/config.js';
import { Authenticator } from '../access/authenticator.js';
import { Problem } from '../http/problem.js';
import { faultOfRequestLine, isPreflight } from '../http/request-line.js';
import { addressBudgets, announce, personBudget, WINDOW_MS } from './budget.js';
import { CounterStorage } from './counter-storage.js';
import type { Step } from './counters.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether the request was counted before Nest's guards ran. */
    isCounted?: boolean;
  }
}

/**
 * Limits requests before their body is read. Requests that no controller answers (unknown routes, documents, unreadable
 * request lines) are counted here, because no guard runs for them. The throttle guard counts all other requests. Those that have a body are refused
 * here when their limit is used up, so that no body is read and parsed only to answer 429.
 */
@Injectable()
export class ArrivalLimits {
  private readonly budget: { readonly name: 'default'; readonly limit: number; readonly windowMs: number };

  constructor(
    private readonly storage: CounterStorage,
    private readonly authenticator: Authenticator,
    config: Config,
  ) {
    this.budget = { name: 'default', limit: config.env.RATE_LIMIT_PER_MINUTE, windowMs: WINDOW_MS };
  }

  /**
   * For a Fastify `onRequest` hook. Undefined where nothing has to be waited for, as with most requests.
   * @throws Problem `rate-limited`, as a rejection
   */
  check(request: FastifyRequest, reply: FastifyReply): Promise<void> | undefined {
    // A browser sends a preflight before its own request. It must not use the person's limit.
    if (request.isCounted || isPreflight(request)) return undefined;
    const budget = request.routeOptions.config?.budget;
    const reachesGuards = budget !== undefined && !faultOfRequestLine(request);
    if (!reachesGuards || request.method === 'OPTIONS') return this.count(request, reply);
    const isElsewhere = budget === 'own' || budget === 'none';
    if (isElsewhere || !hasBody(request) || !this.storage.hasSpent) return undefined;
    return this.refuseSpent(request, reply, budget);
  }

  private async refuseSpent(
    request: FastifyRequest,
    reply: FastifyReply,
    budget: 'person' | 'address',
  ): Promise<void> {
    const keys = budget === 'address' ? this.ofAddress(request) : await this.budgetsOf(request);
    for (const { key } of keys) {
      const renewsIn = this.storage.secondsUntilRenewal(key);
      if (renewsIn !== undefined) announce(reply, this.budget, { left: 0, renewsIn, isSpent: true });
    }
  }

  private async count(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    request.isCounted = true;
    announce(reply, this.budget, await this.storage.spend(this.ofAddress(request), this.budget.windowMs));
  }

  private ofAddress(request: FastifyRequest): readonly Step[] {
    return addressBudgets(request, this.budget.limit);
  }

  /** The budgets of a request. Bad credentials use those of the address. None on other errors: the guards answer. */
  private async budgetsOf(request: FastifyRequest): Promise<readonly Pick<Step, 'key'>[]> {
    try {
      return [{ key: personBudget((await this.authenticator.recognise(request)).actor) }];
    } catch (error) {
      return error instanceof Problem ? this.ofAddress(request) : [];
    }
  }
}

const hasBody = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
