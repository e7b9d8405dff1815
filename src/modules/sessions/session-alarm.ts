import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../kernel/audit/audit-log.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { Logger } from '../../platform/logger.js';
import { AccountLetters, UsersService } from '../users/public.js';
import type { Session } from './session.entity.js';

/** A refresh token was used by two: whoever runs the service reads of it, and the owner. */
@Injectable()
export class SessionAlarm {
  constructor(
    private readonly users: UsersService,
    private readonly letters: AccountLetters,
    private readonly audit: AuditLog,
    private readonly logger: Logger,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Joins the caller's unit of work. */
  async raise({ id, userId }: Session): Promise<void> {
    this.unitOfWork.afterCommit(() =>
      this.logger.warn({ event: 'refresh_reuse', user_id: userId, session_id: id }, 'security'),
    );
    const user = await this.users.get(userId);
    await this.audit.record({ action: 'session.reused', subject: user, target: id });
    await this.letters.sessionStolen(user);
  }
}
