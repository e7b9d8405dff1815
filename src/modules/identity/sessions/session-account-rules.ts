import { Injectable } from '@nestjs/common';
import { AccountRules } from '../../../kernel/access/account-rules.js';
import { AuditLog } from '../../../kernel/audit/audit-log.js';
import type { Actor } from '../../../kernel/http/actor.js';
import { Problem } from '../../../kernel/http/problem.js';
import { UsersService } from '../users/users.service.js';
import { SessionGate } from './session-gate.js';
import { SessionsService } from './sessions.service.js';
import { accessAudit } from './sessions.audit.js';

@Injectable()
export class SessionAccountRules extends AccountRules {
  constructor(
    private readonly gate: SessionGate,
    private readonly sessions: SessionsService,
    private readonly users: UsersService,
    private readonly audit: AuditLog,
  ) {
    super();
  }

  /** API keys pass: only a person with a verified address can create one. @throws Problem `email-unverified` */
  override requireVerified({ sessionId, scopes }: Actor): Promise<void> | undefined {
    return scopes || this.gate.knowsVerified(sessionId) ? undefined : this.lookUpVerified(sessionId);
  }

  /**
   * Queries the database each time, so that a revoked role is gone at once. Granting the role ended the older sessions, so
   * one of them must not pass in the seconds in which the gate still remembers it as open.
   * @throws Problem `forbidden`, `second-factor-required`, `session-revoked`
   */
  override async requireAdmin({ userId, sessionId, aal }: Actor): Promise<void> {
    const user = await this.users.get(userId);
    // The token has the level of when it was issued; the factor may have been removed since.
    if (user.role === 'admin' && aal >= 2) {
      const level = await this.sessions.levelOf(sessionId);
      if (level === undefined) throw new Problem('session-revoked');
      if (level >= 2) return;
    }
    await this.audit.refuse({ action: accessAudit.refused, actor: user, subject: user });
    throw new Problem(user.role === 'admin' ? 'second-factor-required' : 'forbidden');
  }

  private async lookUpVerified(sessionId: string): Promise<void> {
    if (!(await this.gate.isVerified(sessionId))) throw new Problem('email-unverified');
  }
}
