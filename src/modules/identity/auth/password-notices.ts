import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../../kernel/audit/audit-log.js';
import { AccountLetters } from '../users/account-letters.js';
import { type User } from '../users/user.entity.js';
import { passwordAudit } from './auth.audit.js';
import { passwordChangedLetter, passwordResetLetter } from './auth.letters.js';

/** Writes audit entries and letters about resets of passwords. All methods join the caller's unit of work. */
@Injectable()
export class PasswordNotices {
  constructor(
    private readonly letters: AccountLetters,
    private readonly audit: AuditLog,
  ) {}

  /** Whether another link may be mailed. */
  hasRoomFor(owner: User): Promise<boolean> {
    return this.letters.hasRoomFor(owner);
  }

  forgotten(owner: User): Promise<void> {
    return this.audit.record({ action: passwordAudit.forgotten, subject: owner });
  }

  /** @param lifetimeMs how long the link works, in milliseconds. */
  async mailLink(owner: User, token: string, lifetimeMs: number): Promise<void> {
    const minutes = Math.max(1, Math.round(lifetimeMs / 60_000));
    const link = this.letters.linkTo('reset-password', token);
    await this.letters.send(owner, passwordResetLetter, { link, minutes });
  }

  async reset(user: User): Promise<void> {
    await this.audit.record({ action: passwordAudit.reset, subject: user });
    await this.letters.send(user, passwordChangedLetter, { link: this.letters.help });
  }
}
