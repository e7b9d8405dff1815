import { Injectable } from '@nestjs/common';
import { Problem } from '../../../kernel/http/problem.js';
import { SecondFactor } from '../factors/second-factor.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { type User } from '../users/user.entity.js';
import { UsersService } from '../users/users.service.js';
import { EmailTokens } from './email-tokens.js';
import { PasswordNotices } from './password-notices.js';
import { checkPassword, Passwords } from './passwords.js';
import { Takeover } from './takeover.js';

/** Password reset by a mailed link. */
@Injectable()
export class PasswordResetService {
  constructor(
    private readonly users: UsersService,
    private readonly tokens: EmailTokens,
    private readonly sessions: SessionsService,
    private readonly passwords: Passwords,
    private readonly takeover: Takeover,
    private readonly factor: SecondFactor,
    private readonly notices: PasswordNotices,
  ) {}

  /** The id of the device if the owner of the address was signed in on it before. */
  async knownDevice(email: string, deviceId: string | undefined): Promise<string | undefined> {
    const user = await this.users.findByEmail(email);
    return this.sessions.knownDevice(user?.id, deviceId);
  }

  /** Mails a link to set a new password if the address has an account, unless too many mails to it wait. */
  async forgot(email: string): Promise<void> {
    const user = await this.users.findByEmail(email);
    if (!user) return;
    // Under the lock, so that of two concurrent requests the second ends the link of the first.
    await this.users.lockIfExists(user.id, async (owner) => {
      if (!(await this.notices.hasRoomFor(owner))) return;
      await this.notices.mailLink(owner, await this.issue(owner), this.tokens.lifetimes.reset);
    });
  }

  /** Creates a token that sets the password of an account. Joins the caller's unit of work. */
  async issue(owner: User): Promise<string> {
    const { id: userId, email } = owner;
    await this.notices.forgotten(owner);
    return this.tokens.issue({ userId, purpose: 'reset', email });
  }

  /**
   * Sets the password and ends every session; it does not sign in. The link also verifies the address.
   * @throws Problem `link-expired`, `validation` for a password that is too weak for the account
   */
  async reset(token: string, password: string): Promise<void> {
    // Before the hash, which is expensive: requests with tokens that nobody issued must not slow down sign-ins.
    const { userId } = await this.tokens.find(token, 'reset');
    const passwordHash = await this.passwords.hashNew(password, 'new_password');
    await this.users.lockIfExists(userId, async (user) => {
      const { email } = await this.tokens.redeem(token, 'reset');
      // The link verifies only the address that it was sent to.
      if (user.email !== email) throw new Problem('link-expired');
      checkPassword(password, user, 'new_password');
      // Somebody else may have created the account: remove every way to sign in that they set up.
      if (user.emailVerifiedAt === null) await this.takeover.take(user);
      await this.users.update(userId, { passwordHash });
      await this.factor.ease(userId);
      await this.sessions.revokeOthers(userId, null);
      await this.notices.reset(user);
    });
  }
}
