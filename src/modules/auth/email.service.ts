import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { AuditLog } from '../../kernel/audit/audit-log.js';
import type { Actor } from '../../kernel/http/actor.js';
import { Mails } from '../../kernel/mail/mails.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { type User, UsersService } from '../users/public.js';
import { EmailTokens } from './email-tokens.js';
import { SessionsService } from './sessions.service.js';

const DAY_MS = 86_400_000;
/** How long the links work. */
const VERIFY_DAYS = 3;
const CHANGE_MS = DAY_MS;

/** Longer than any of it takes: whether somebody has the address does not show in the time of the answer. */
export const PACE_MS = 100;

/** The address of an account: that it is read by its owner, which one it is, and the way in when the password is lost. */
@Injectable()
export class EmailService {
  constructor(
    private readonly users: UsersService,
    private readonly tokens: EmailTokens,
    private readonly sessions: SessionsService,
    private readonly mails: Mails,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly config: Config,
  ) {}

  /** Mails a link that shows whose mailbox it is. Joins the caller's unit of work. */
  async askToVerify({ id, email, locale }: User): Promise<void> {
    const token = await this.tokens.issue({
      userId: id,
      purpose: 'verify',
      email,
      lifetimeMs: VERIFY_DAYS * DAY_MS,
    });
    const link = this.config.accountLink('verify-email', token);
    await this.mails.send(id, email, locale, { name: 'verify-email', link, days: VERIFY_DAYS });
  }

  /** Somebody signs up with an address that has an account: its owner hears of it, nobody else. */
  async tellOwner(email: string): Promise<void> {
    const user = await this.users.findByEmail(email);
    if (!user) return;
    const link = this.config.accountLink('forgot-password');
    await this.unitOfWork.run(() =>
      this.mails.send(user.id, user.email, user.locale, { name: 'already-registered', link }),
    );
  }

  /** Mails the link again, if somebody has the address and has not shown so yet. */
  async resend(email: string): Promise<void> {
    const user = await this.users.findByEmail(email);
    if (user && user.emailVerifiedAt === null) await this.unitOfWork.run(() => this.askToVerify(user));
  }

  /** @throws Problem `link-expired`, also when the address has changed since. */
  verify(token: string): Promise<void> {
    return this.unitOfWork.run(async () => {
      const { userId, email } = await this.tokens.redeem(token, 'verify');
      await this.users.verifyEmail(userId, email);
    });
  }

  /** Mails a link to the address that shall be, whether it is free or not. Until it is opened nothing changes. */
  async askToChange({ userId, sessionId }: Actor, email: string): Promise<void> {
    const user = await this.users.get(userId);
    if (email === user.email) return;
    if (await this.users.findByEmail(email)) return this.tellOwner(email);
    await this.unitOfWork.run(async () => {
      const token = await this.tokens.issue({
        userId,
        purpose: 'change',
        email,
        sessionId,
        lifetimeMs: CHANGE_MS,
      });
      const link = this.config.accountLink('confirm-email', token);
      await this.mails.send(userId, email, user.locale, { name: 'email-change-confirm', link });
    });
  }

  /**
   * The new address is the account's, the old one hears of it, and every session ends but the one that asked.
   * @throws Problem `link-expired`, `email-taken` when somebody else has taken the address meanwhile
   */
  change(token: string): Promise<void> {
    return this.unitOfWork.run(async () => {
      const { userId, email, sessionId } = await this.tokens.redeem(token, 'change');
      const before = await this.users.get(userId);
      await this.users.changeEmail(userId, email);
      await this.tokens.endAll(userId, 'reset');
      await this.tokens.endAll(userId, 'verify');
      await this.sessions.revokeOthers(userId, sessionId);
      const link = this.config.accountLink('forgot-password');
      await this.mails.send(userId, before.email, before.locale, {
        name: 'email-changed',
        link,
        newAddress: email,
      });
    });
  }

  /** Mails a link to set a new password, if somebody has the address. */
  async forgot(email: string): Promise<void> {
    const user = await this.users.findByEmail(email);
    if (!user) return;
    const lifetimeMs = this.config.env.PASSWORD_RESET_TTL;
    await this.unitOfWork.run(async () => {
      const token = await this.tokens.issue({
        userId: user.id,
        purpose: 'reset',
        email: user.email,
        lifetimeMs,
      });
      const link = this.config.accountLink('reset-password', token);
      const minutes = Math.max(1, Math.round(lifetimeMs / 60_000));
      await this.mails.send(user.id, user.email, user.locale, { name: 'password-reset', link, minutes });
      await this.audit.record({ action: 'password.forgotten', subject: user });
    });
  }

  /**
   * Sets the password, and ends every session; nobody is signed in by it. Whoever reads the mailbox has shown so too.
   * @param passwordHash of the new one, made before the lock.
   * @throws Problem `link-expired`
   */
  reset(token: string, passwordHash: string): Promise<void> {
    return this.unitOfWork.run(async () => {
      const { userId, email } = await this.tokens.redeem(token, 'reset');
      const user = await this.users.update(userId, { passwordHash });
      if (user.email === email && user.emailVerifiedAt === null) await this.users.verifyEmail(userId, email);
      await this.sessions.revokeOthers(userId, null);
      await this.audit.record({ action: 'password.reset', subject: user });
      const link = this.config.accountLink('forgot-password');
      await this.mails.send(userId, user.email, user.locale, { name: 'password-changed', link });
    });
  }
}
