import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../kernel/audit/audit-log.js';
import { AccountLetters, type User } from '../users/public.js';

/** In mails; the same in every language. */
const APP = 'Authenticator (TOTP)';

/** What the log and the owner are told about factors, side by side. All join the caller's unit of work. */
@Injectable()
export class FactorNews {
  constructor(
    private readonly letters: AccountLetters,
    private readonly audit: AuditLog,
  ) {}

  async totpEnabled(user: User): Promise<void> {
    await this.audit.record({ action: 'factor.enabled', actor: user, subject: user });
    await this.letters.factorEnabled(user, APP);
  }

  async totpDisabled(user: User): Promise<void> {
    await this.audit.record({ action: 'factor.disabled', actor: user, subject: user });
    await this.letters.factorDisabled(user, APP);
  }

  codeRefused(user: User): Promise<void> {
    return this.audit.record({ action: 'factor.refused', subject: user });
  }

  codesRenewed(user: User): Promise<void> {
    return this.audit.record({ action: 'recovery-codes.renewed', actor: user, subject: user });
  }

  /** @param left how many others there are. */
  async signedInByRecoveryCode(user: User, left: number): Promise<void> {
    await this.audit.record({ action: 'recovery-code.used', actor: user, subject: user });
    await this.letters.recoveryCodeUsed(user, left);
  }
}
