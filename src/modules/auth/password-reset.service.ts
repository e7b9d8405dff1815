import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../kernel/audit/audit-log.js';
import { Problem } from '../../kernel/http/problem.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { SessionsService } from '../sessions/public.js';
import { AccountLetters, type User, UsersService } from '../users/public.js';
import { EmailTokens } from './email-tokens.js';
import { checkPassword } from './passwords.js';
import { Takeover } from './takeover.js';

/** The way in when the password is lost: a link in a mail. */
@Injectable()
export class PasswordResetService {
  constructor(
    private readonly users: UsersService,
    private readonly tokens: EmailTokens,
    private readonly sessions: SessionsService,
    private readonly takeover: Takeover,
    private readonly letters: AccountLetters,
    private readonly audit: AuditLog,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Mails a link to set a new password, if somebody has the address. */
  async forgot(email: string): Promise<void> {
    const user = await this.users.findByEmail(email);
    if (!user) return;
    // Under the lock, so that of two who ask at once the second ends the first one's link.
    await this.users.whileThere(user.id, async (owner) => {
      const token = await this.issue(owner);
      const minutes = Math.max(1, Math.round(this.tokens.lifetimes.reset / 60_000));
      await this.letters.resetPassword(owner, token, minutes);
    });
  }

  /** A token to set the password of an account with. Joins the caller's unit of work. */
  async issue(owner: User): Promise<string> {
    const { id: userId, email } = owner;
    await this.audit.record({ action: 'password.forgotten', subject: owner });
    return this.tokens.issue({ userId, purpose: 'reset', email });
  }

  /**
   * Sets the password, and ends every session; nobody is signed in by it. Whoever reads the mailbox has shown so too.
   * @param passwordHash of `password`, made before the lock.
   * @throws Problem `link-expired`, `validation` for a password that is too weak for the account
   */
  reset(token: string, password: string, passwordHash: string): Promise<void> {
    return this.unitOfWork.run(async () => {
      const { userId, email } = await this.tokens.redeem(token, 'reset');
      await this.users.whileThere(userId, async (user) => {
        // Of another address nobody has shown anything.
        if (user.email !== email) throw new Problem('link-expired');
        checkPassword(password, user, 'new_password');
        // Whoever made the account may be somebody else than who reads the mailbox: nothing of theirs opens it any more.
        if (user.emailVerifiedAt === null) await this.takeover.take(user);
        await this.users.update(userId, { passwordHash });
        await this.sessions.revokeOthers(userId, null);
        await this.audit.record({ action: 'password.reset', subject: user });
        await this.letters.passwordChanged(user);
      });
    });
  }
}
