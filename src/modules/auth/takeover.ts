import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../kernel/audit/audit-log.js';
import { Clock } from '../../platform/clock.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { SessionGate } from '../sessions/public.js';
import { Credentials, type User, UsersService } from '../users/public.js';

/** An account whose address nobody had shown to be theirs, until somebody does. */
@Injectable()
export class Takeover {
  constructor(
    private readonly credentials: Credentials,
    private readonly users: UsersService,
    private readonly gate: SessionGate,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /**
   * Gives the account to the owner of its address. Whoever made it may have been somebody else: nothing of theirs opens
   * it any more. Joins the caller's unit of work, under the person's lock.
   */
  async take({ id, email }: User): Promise<void> {
    await this.credentials.wipe(id, this.clock.date());
    this.unitOfWork.afterCommit(() => this.gate.forgetUser(id));
    await this.users.verifyEmail(id, email);
    await this.audit.record({ action: 'account.taken', actor: id, subject: id });
  }
}
