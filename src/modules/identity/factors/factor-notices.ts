import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../../kernel/audit/audit-log.js';
import { AccountLetters } from '../users/account-letters.js';
import { type User } from '../users/user.entity.js';
import { factorAudit, recoveryCodeAudit, recoveryCodesAudit } from './factors.audit.js';
import {
  codesGuessedLetter,
  factorDisabledLetter,
  factorEnabledLetter,
  recoveryCodeUsedLetter,
} from './factors.letters.js';
import type { Consequence } from './wrong-codes.js';

/** The name of the factor in letters, the same in every language. */
const APP = 'Authenticator (TOTP)';

/** Writes audit entries and letters about factors together. All methods join the caller's unit of work. */
@Injectable()
export class FactorNotices {
  constructor(
    private readonly letters: AccountLetters,
    private readonly audit: AuditLog,
  ) {}

  async totpEnabled(user: User): Promise<void> {
    await this.audit.record({ action: factorAudit.enabled, actor: user, subject: user });
    await this.letters.send(user, factorEnabledLetter, { link: this.letters.help, which: APP });
  }

  async totpDisabled(user: User): Promise<void> {
    await this.audit.record({ action: factorAudit.disabled, actor: user, subject: user });
    await this.letters.send(user, factorDisabledLetter, { link: this.letters.help, which: APP });
  }

  async codeRefused(user: User, consequence?: Consequence): Promise<void> {
    await this.audit.refuse({ action: factorAudit.refused, subject: user });
    if (consequence?.isLast) await this.audit.record({ action: factorAudit.closed, subject: user });
    if (consequence?.warns) await this.letters.send(user, codesGuessedLetter, { link: this.letters.help });
  }

  codesRenewed(user: User): Promise<void> {
    return this.audit.record({ action: recoveryCodesAudit.renewed, actor: user, subject: user });
  }

  /** @param left number of unused recovery codes. */
  async signedInByRecoveryCode(user: User, left: number): Promise<void> {
    await this.audit.record({ action: recoveryCodeAudit.used, actor: user, subject: user });
    await this.letters.send(user, recoveryCodeUsedLetter, { link: this.letters.help, left });
  }
}
