import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../kernel/audit/audit-log.js';
import type { Actor } from '../../kernel/http/actor.js';
import { Problem } from '../../kernel/http/problem.js';
import { SessionGate, SessionsService } from '../sessions/public.js';
import { UsersService } from '../users/public.js';

/** What an account must be for some of the routes. */
@Injectable()
export class AccountRules {
  constructor(
    private readonly gate: SessionGate,
    private readonly sessions: SessionsService,
    private readonly users: UsersService,
    private readonly audit: AuditLog,
  ) {}

  /** An API key was made by somebody whose address was known then. @throws Problem `email-unverified` */
  async requireVerified({ sessionId, scopes }: Actor): Promise<void> {
    if (!scopes && !(await this.gate.isVerified(sessionId))) throw new Problem('email-unverified');
  }

  /**
   * Asked of the database each time: a role that was taken away is gone at once, and a session from before the role was
   * given, which ended with it, opens nothing for the seconds in which it is trusted elsewhere.
   * @throws Problem `forbidden`, `second-factor-required`, `session-revoked`
   */
  async requireAdmin({ userId, sessionId, aal }: Actor): Promise<void> {
    const user = await this.users.get(userId);
    if (user.role === 'admin' && aal >= 2) return this.requireOpen(sessionId);
    await this.audit.record({ action: 'access.refused', actor: user, subject: user });
    throw new Problem(user.role === 'admin' ? 'second-factor-required' : 'forbidden');
  }

  private async requireOpen(sessionId: string): Promise<void> {
    if (!(await this.sessions.isOpen(sessionId))) throw new Problem('session-revoked');
  }
}
