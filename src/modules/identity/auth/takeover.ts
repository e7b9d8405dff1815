import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../../kernel/audit/audit-log.js';
import { Clock } from '../../../platform/clock.js';
import { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import { SessionGate } from '../sessions/session-gate.js';
import { Credentials } from '../users/credentials.js';
import { type User } from '../users/user.entity.js';
import { UsersService } from '../users/users.service.js';
import { takeoverAudit } from './auth.audit.js';
import type { Registration } from './email-tokens.js';

/** What happens when the owner of an address proves it on an account that somebody else may have created. */
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
   * Gives the account to the owner of its address. Somebody else may have created it, so every way to sign in that they
   * set up is removed. Joins the caller's unit of work, under the person's lock.
   * @param registration the password and profile with which the owner registered the address.
   */
  async take({ id, email }: User, registration?: Registration): Promise<void> {
    await this.credentials.deleteAll(id, this.clock.date());
    if (registration)
      await this.users.update(id, { ...registration.profile, passwordHash: registration.passwordHash });
    this.unitOfWork.afterCommit(() => this.gate.forgetUser(id));
    await this.users.verifyEmail(id, email);
    await this.audit.record({ action: takeoverAudit.taken, actor: id, subject: id });
  }
}
