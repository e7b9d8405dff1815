import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import type { Letter } from '../../kernel/mail/letters.js';
import { Mails } from '../../kernel/mail/mails.js';
import type { User } from './user.entity.js';

/** What is mailed about an account, in the language of its owner. All join the caller's unit of work. */
@Injectable()
export class AccountLetters {
  private readonly help: string;

  constructor(
    private readonly mails: Mails,
    private readonly config: Config,
  ) {
    this.help = config.accountLink('forgot-password');
  }

  verifyEmail(user: User, token: string, days: number): Promise<void> {
    return this.send(user, {
      name: 'verify-email',
      link: this.config.accountLink('verify-email', token),
      days,
    });
  }

  alreadyRegistered(user: User): Promise<void> {
    return this.send(user, { name: 'already-registered', link: this.help });
  }

  /** To the address that shall be. */
  confirmEmail({ id, locale }: User, email: string, token: string, days: number): Promise<void> {
    const link = this.config.accountLink('confirm-email', token);
    return this.mails.send(id, email, locale, { name: 'email-change-confirm', link, days });
  }

  /** To the address that is, whether the other one is free or not. */
  emailChangeAsked(user: User): Promise<void> {
    return this.send(user, { name: 'email-change-asked', link: this.help });
  }

  /** To the address that was. */
  emailChanged(before: User, newAddress: string): Promise<void> {
    return this.send(before, { name: 'email-changed', link: this.config.env.PUBLIC_URL, newAddress });
  }

  resetPassword(user: User, token: string, minutes: number): Promise<void> {
    return this.send(user, {
      name: 'password-reset',
      link: this.config.accountLink('reset-password', token),
      minutes,
    });
  }

  passwordChanged(user: User): Promise<void> {
    return this.send(user, { name: 'password-changed', link: this.help });
  }

  grantReceived(user: User): Promise<void> {
    return this.send(user, { name: 'grant-received' });
  }

  apiKeyCreated(user: User, keyName: string): Promise<void> {
    return this.send(user, { name: 'api-key-created', link: this.help, keyName });
  }

  /** @param which has the same name in every language. */
  factorEnabled(user: User, which: string): Promise<void> {
    return this.send(user, { name: 'factor-enabled', link: this.help, which });
  }

  factorDisabled(user: User, which: string): Promise<void> {
    return this.send(user, { name: 'factor-disabled', link: this.help, which });
  }

  recoveryCodeUsed(user: User, left: number): Promise<void> {
    return this.send(user, { name: 'recovery-code-used', link: this.help, left });
  }

  passkeyAdded(user: User, passkey: string): Promise<void> {
    return this.send(user, { name: 'passkey-added', link: this.help, passkey });
  }

  passkeyRemoved(user: User, passkey: string): Promise<void> {
    return this.send(user, { name: 'passkey-removed', link: this.help, passkey });
  }

  identityLinked(user: User, provider: string): Promise<void> {
    return this.send(user, { name: 'identity-linked', link: this.help, provider });
  }

  identityUnlinked(user: User, provider: string): Promise<void> {
    return this.send(user, { name: 'identity-unlinked', link: this.help, provider });
  }

  linkAttempted(user: User, provider: string): Promise<void> {
    return this.send(user, { name: 'link-attempted', link: this.help, provider });
  }

  accountTaken(user: User, provider: string): Promise<void> {
    return this.send(user, { name: 'account-taken', link: this.help, provider });
  }

  becameAdmin(user: User): Promise<void> {
    return this.send(user, { name: 'became-admin', link: this.help });
  }

  sessionStolen(user: User): Promise<void> {
    return this.send(user, { name: 'session-stolen', link: this.help });
  }

  /** Outlives the account. */
  accountDeleted({ email, locale }: User): Promise<void> {
    return this.mails.send(null, email, locale, {
      name: 'account-deleted',
      link: this.config.env.PUBLIC_URL,
    });
  }

  private send({ id, email, locale }: User, letter: Letter): Promise<void> {
    return this.mails.send(id, email, locale, letter);
  }
}
