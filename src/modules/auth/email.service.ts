import { Injectable } from '@nestjs/common';
import type { Actor } from '../../kernel/http/actor.js';
import { Problem } from '../../kernel/http/problem.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { SessionsService } from '../sessions/public.js';
import { AccountLetters, type User, UsersService } from '../users/public.js';
import { MailLimits } from './mail-limits.js';
import { EmailTokens } from './email-tokens.js';

const DAY_MS = 86_400_000;

/** Longer than any of it takes: whether somebody has the address does not show in the time of the answer. */
export const PACE_MS = 100;

/** The address of an account: that it is read by its owner, and which one it is. */
@Injectable()
export class EmailService {
  constructor(
    private readonly users: UsersService,
    private readonly tokens: EmailTokens,
    private readonly sessions: SessionsService,
    private readonly unitOfWork: UnitOfWork,
    private readonly letters: AccountLetters,
    private readonly limits: MailLimits,
  ) {}

  /** Mails a link that shows whose mailbox it is. Joins the caller's unit of work. */
  async askToVerify(user: User): Promise<void> {
    const { id: userId, email } = user;
    const token = await this.tokens.issue({ userId, purpose: 'verify', email });
    await this.letters.verifyEmail(user, token, this.tokens.lifetimes.verify / DAY_MS);
  }

  /** Somebody signs up with an address that has an account: its owner hears of it, nobody else. */
  async tellOwner(email: string): Promise<void> {
    const user = await this.users.findByEmail(email);
    if (user) await this.users.whileThere(user.id, (owner) => this.letters.alreadyRegistered(owner));
  }

  /** Mails the link again, if somebody has the address and has not shown so yet. */
  async resend(email: string): Promise<void> {
    const user = await this.users.findByEmail(email);
    if (!user) return;
    await this.users.whileThere(user.id, async (owner) => {
      if (owner.emailVerifiedAt === null) await this.askToVerify(owner);
    });
  }

  /** @throws Problem `link-expired`, also when the address has changed since. */
  verify(token: string): Promise<void> {
    return this.unitOfWork.run(async () => {
      const { userId, email } = await this.tokens.redeem(token, 'verify');
      await this.users.verifyEmail(userId, email);
    });
  }

  /**
   * Mails a link to the address that shall be, whether it is free or not, and tells the one that is: a stolen session asks, too.
   * Until the link is opened nothing changes.
   */
  async askToChange({ userId, sessionId }: Actor, email: string, address: string): Promise<void> {
    const user = await this.users.get(userId);
    if (email === user.email) return;
    const tellsOwner = await this.limits.allows('change', user.email, address);
    const isTaken = (await this.users.findByEmail(email)) !== null;
    await this.users.whileThere(userId, async (owner) => {
      if (tellsOwner) await this.letters.emailChangeAsked(owner);
      if (isTaken) return;
      const token = await this.tokens.issue({ userId, purpose: 'change', email, sessionId });
      await this.letters.confirmEmail(owner, email, token, this.tokens.lifetimes.change / DAY_MS);
    });
    if (isTaken) await this.tellOwner(email);
  }

  /**
   * The new address is the account's, the old one hears of it, and every session ends but the one that asked. That one must be
   * open still: whoever was signed out does not get the account by a link that waits in their mailbox.
   * @throws Problem `link-expired`, `email-taken` when somebody else has taken the address meanwhile
   */
  change(token: string): Promise<void> {
    return this.unitOfWork.run(async () => {
      const { userId, email, sessionId } = await this.tokens.redeem(token, 'change');
      // Under the person's lock: no link to the old address is made meanwhile.
      await this.users.whileThere(userId, async (before) => {
        if (sessionId === null || !(await this.sessions.isOpen(sessionId))) throw new Problem('link-expired');
        await this.users.changeEmail(userId, email);
        await this.tokens.endAll(userId, 'reset');
        await this.tokens.endAll(userId, 'verify');
        await this.sessions.revokeOthers(userId, sessionId);
        await this.letters.emailChanged(before, email);
      });
    });
  }
}
