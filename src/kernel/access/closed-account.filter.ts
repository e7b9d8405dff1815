import { type ArgumentsHost, Catch, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { isMissingParent } from '../../platform/database/errors.js';
import { Logger } from '../../platform/logger.js';
import type { Actor } from '../http/actor.js';
import { ProblemFilter } from '../http/problem.filter.js';
import { Problem } from '../http/problem.js';
import { isGone, PersonLock } from '../person-lock.js';

/**
 * Answers a request whose account was closed after its credentials were checked: `session-revoked` when it is the person's own
 * account, `not-found` when it is that of another person whose data was asked for. Work under the person's lock finds that out
 * by itself; of other work, the foreign key refuses the row.
 */
@Catch()
@Injectable()
export class ClosedAccountFilter extends ProblemFilter {
  constructor(
    logger: Logger,
    private readonly lock: PersonLock,
  ) {
    super(logger);
  }

  override catch(error: unknown, host: ArgumentsHost): void | Promise<void> {
    const { user } = host.switchToHttp().getRequest<FastifyRequest>();
    if (user && isMissingParent(error)) return this.lookUp(user, error, host);
    this.answer(user ? seenBy(user, error) : error, host);
  }

  private async lookUp(user: Actor, error: unknown, host: ArgumentsHost): Promise<void> {
    const closed = await this.closure(user);
    this.answer(seenBy(user, closed ?? error), host);
  }

  /** Looks the account up, because a row may also lack another parent, which is a defect and not the end of a session. */
  private async closure({ userId }: Actor): Promise<unknown> {
    try {
      await this.lock.hold(userId, () => Promise.resolve());
      return undefined;
    } catch (error) {
      return error;
    }
  }
}

const seenBy = ({ viewerId }: Actor, error: unknown): unknown =>
  viewerId !== undefined && isGone(error) ? new Problem('not-found') : error;
