import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { catchError, from, type Observable } from 'rxjs';
import { isMissingParent } from '../../platform/database/errors.js';
import type { Actor } from '../http/actor.js';
import { Problem } from '../http/problem.js';
import { isGone, PersonLock } from '../person-lock.js';

/**
 * Answers a request whose account was closed after its credentials were checked. Work under the person's lock finds that out
 * by itself; of other work, the foreign key refuses the row. It is the outermost interceptor, so it sees what all others throw.
 */
@Injectable()
export class ClosedAccountInterceptor implements NestInterceptor {
  constructor(private readonly lock: PersonLock) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    const { user } = context.switchToHttp().getRequest<FastifyRequest>();
    if (!user) return next.handle();
    return next.handle().pipe(catchError((error: unknown) => from(this.explain(error, user))));
  }

  /**
   * @throws Problem `session-revoked` when the account of the person is closed, `not-found` when it is that of another person
   *   whose data was asked for; every other error unchanged
   */
  private async explain(error: unknown, { userId, viewerId }: Actor): Promise<never> {
    const cause = isMissingParent(error) ? ((await this.absence(userId)) ?? error) : error;
    throw viewerId !== undefined && isGone(cause) ? new Problem('not-found') : cause;
  }

  /** Looks the account up, because a row may also lack another parent, which is a defect and not the end of a session. */
  private async absence(userId: string): Promise<Problem | undefined> {
    try {
      await this.lock.hold(userId, () => Promise.resolve());
      return undefined;
    } catch (error) {
      if (isGone(error)) return error;
      throw error;
    }
  }
}
