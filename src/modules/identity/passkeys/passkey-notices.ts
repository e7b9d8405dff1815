import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../../kernel/audit/audit-log.js';
import { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import { Logger } from '../../../platform/logger.js';
import { AccountLetters } from '../users/account-letters.js';
import { type User } from '../users/user.entity.js';
import type { Passkey } from './passkey.entity.js';
import { passkeyAudit } from './passkeys.audit.js';
import { passkeyAddedLetter, passkeyRemovedLetter } from './passkeys.letters.js';

/** Writes audit entries and letters about passkeys together. All methods join the caller's unit of work. */
@Injectable()
export class PasskeyNotices {
  constructor(
    private readonly letters: AccountLetters,
    private readonly audit: AuditLog,
    private readonly logger: Logger,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  async added(user: User, { id, name }: Passkey): Promise<void> {
    await this.audit.record({ action: passkeyAudit.added, actor: user, subject: user, target: id });
    await this.letters.send(user, passkeyAddedLetter, { link: this.letters.help, passkey: name });
  }

  async removed(user: User, { id, name }: Passkey): Promise<void> {
    await this.audit.record({ action: passkeyAudit.removed, actor: user, subject: user, target: id });
    await this.letters.send(user, passkeyRemovedLetter, { link: this.letters.help, passkey: name });
  }

  refused({ userId, id }: Passkey): Promise<void> {
    return this.audit.refuse({ action: passkeyAudit.refused, subject: userId, target: id });
  }

  /** Also logged for the operator: the person cannot notice the copy, and the passkey should be removed. */
  async copied({ userId, id }: Passkey): Promise<void> {
    this.unitOfWork.afterCommit(() =>
      this.logger.warn({ event: 'passkey_copied', user_id: userId }, 'security'),
    );
    await this.audit.record({ action: passkeyAudit.copied, subject: userId, target: id });
  }
}
