import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../../kernel/audit/audit-log.js';
import type { Reason } from '../../../kernel/audit/reasons.js';
import type { Actor } from '../../../kernel/http/actor.js';
import { Problem } from '../../../kernel/http/problem.js';
import { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import { MailLimits, PasswordResetService } from '../../identity/public.js';
import { AccountsRepository } from './accounts.repository.js';
import { administrationAudit } from './admin.audit.js';

/** Resets of passwords that admins request. */
@Injectable()
export class AccountResets {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly resets: PasswordResetService,
    private readonly limits: MailLimits,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Mails the owner a link to set a password; admins cannot set one.
   * @param address the network address of the admin.
   * @throws Problem `not-found`, `too-many-attempts`
   */
  async mail({ userId }: Actor, id: string, reason: Reason, address: string): Promise<void> {
    const account = await this.accounts.find(id);
    if (!account) throw new Problem('not-found');
    const { email } = account;
    await this.limits.request('reset-by-admin', email, address, () =>
      this.unitOfWork.run(async () => {
        await this.audit.record({ action: administrationAudit.read, actor: userId, subject: id, reason });
        await this.resets.forgot(email);
      }),
    );
  }
}
