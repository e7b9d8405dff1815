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
 * Counts and limits requests before their body is read, so that no body is read and parsed only to answer 429, and requests
 * whose body cannot be read are counted too. Requests that no controller answers (unknown routes, documents, unreadable request
 * lines) are also counted here, because no guard runs for them. The throttle guard counts all other requests.
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
    if (!hasBody(request) || budget === 'own' || budget === 'none') return undefined;
    return budget === 'address' ? this.count(request, reply) : this.countPerson(request, reply);
  }

  private async countPerson(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const budgets = await this.budgetsOf(request);
    if (budgets) await this.count(request, reply, budgets);
  }

  private async count(
    request: FastifyRequest,
    reply: FastifyReply,
    budgets: readonly Step[] = this.ofAddress(request),
  ): Promise<void> {
    request.isCounted = true;
    announce(reply, this.budget, await this.storage.spend(budgets, this.budget.windowMs));
  }

  private ofAddress(request: FastifyRequest): readonly Step[] {
    return addressBudgets(request, this.budget.limit);
  }

  /** Bad credentials use the budgets of the address. Undefined on errors of the service: the guards answer. */
  private async budgetsOf(request: FastifyRequest): Promise<readonly Step[] | undefined> {
    try {
      const { actor } = await this.authenticator.recognise(request);
      return [{ key: personBudget(actor), most: this.budget.limit }];
    } catch (error) {
      return error instanceof Problem ? this.ofAddress(request) : undefined;
    }
  }
}

const hasBody = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
