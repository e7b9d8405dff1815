import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../../kernel/audit/audit-log.js';
import { Events } from '../../../kernel/events/events.js';
import { OnEventInTransaction } from '../../../kernel/events/on-event.js';
import { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import { Logger } from '../../../platform/logger.js';
import { AccountLetters } from '../users/account-letters.js';
import { UsersService } from '../users/users.service.js';
import type { Session } from './session.entity.js';
import { SessionReused } from './session-events.js';
import { sessionAudit } from './sessions.audit.js';
import { sessionStolenLetter } from './sessions.letters.js';

/** Reports a refresh token that was used twice to the operator in the log and to the owner by mail. */
@Injectable()
export class SessionAlarm {
  constructor(
    private readonly users: UsersService,
    private readonly letters: AccountLetters,
    private readonly audit: AuditLog,
    private readonly events: Events,
    private readonly logger: Logger,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Joins the caller's unit of work. */
  async raise({ id, userId }: Session): Promise<void> {
    this.unitOfWork.afterCommit(() =>
      this.logger.warn({ event: 'refresh_reuse', user_id: userId, session_id: id }, 'security'),
    );
    await this.audit.record({ action: sessionAudit.reused, subject: userId, target: id });
    await this.events.publish(new SessionReused(userId, id));
  }

  /** In the transaction, so that this letter precedes letters about what the owner does next. */
  @OnEventInTransaction(SessionReused, 'session-reused-letter')
  async tellOwner({ ownerId }: SessionReused): Promise<void> {
    await this.letters.send(await this.users.get(ownerId), sessionStolenLetter, { link: this.letters.help });
  }
}
