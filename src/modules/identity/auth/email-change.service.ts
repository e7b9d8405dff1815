import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../../kernel/audit/audit-log.js';
import type { Actor } from '../../../kernel/http/actor.js';
import { Problem } from '../../../kernel/http/problem.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { emailAudit } from '../users/account.audit.js';
import { AccountLetters } from '../users/account-letters.js';
import { UsersService } from '../users/users.service.js';
import { emailChangeAskedLetter, emailChangeConfirmLetter, emailChangedLetter } from './auth.letters.js';
import { EmailService } from './email.service.js';
import { EmailTokens } from './email-tokens.js';
import { LinkProof, type Opener } from './link-proof.js';

const DAY_MS = 86_400_000;

/** The change of the address of an account. */
@Injectable()
export class EmailChangeService {
  constructor(
    private readonly users: UsersService,
    private readonly tokens: EmailTokens,
    private readonly sessions: SessionsService,
    private readonly proof: LinkProof,
    private readonly emails: EmailService,
    private readonly letters: AccountLetters,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Mails a link to the new address, whether it is free or not, and notifies the current one, because the session may be stolen.
   * Neither letter counts against the letters that wait, because strangers can make those of a broken mailbox wait for ever,
   * and the owner could then not leave it; the requests are limited instead. Nothing changes until the link is confirmed.
   */
  async askToChange({ userId, sessionId }: Actor, email: string): Promise<void> {
    const user = await this.users.get(userId);
    if (email === user.email) return;
    const taken = await this.users.findByEmail(email);
    await this.users.lockIfExists(userId, async (owner) => {
      await this.audit.record({ action: emailAudit.asked, actor: owner, subject: owner });
      await this.letters.send(owner, emailChangeAskedLetter, { link: this.letters.help });
      if (taken) return;
      const token = await this.tokens.issue({ userId, purpose: 'change', email, sessionId });
      const link = this.letters.linkTo('confirm-email', token);
      const days = this.tokens.lifetimes.change / DAY_MS;
      await this.letters.sendTo(email, owner, emailChangeConfirmLetter, { link, days });
    });
    if (taken) await this.users.lockIfExists(taken.id, (holder) => this.emails.tellOwner(holder));
  }

  /**
   * Sets the new address, notifies the old one, and ends every session but the one that requested it. That session must still
   * be open: somebody who was signed out must not get the account by a link that waits in their mailbox.
   * @throws Problem `link-expired`, `email-taken` when somebody else has taken the address meanwhile, and as
   * {@link LinkProof.run}
   */
  async change(token: string, opener: Opener): Promise<void> {
    await this.proof.run(await this.tokens.find(token, 'change'), opener, async (before) => {
      const { userId, email, sessionId } = await this.tokens.redeem(token, 'change');
      if (sessionId === null || !(await this.sessions.isOpen(sessionId))) throw new Problem('link-expired');
      await this.users.changeEmail(userId, email);
      await this.tokens.endAll(userId, 'reset');
      await this.tokens.endAll(userId, 'verify');
      await this.sessions.revokeOthers(userId, sessionId);
      await this.letters.send(before, emailChangedLetter, { link: this.letters.home, newAddress: email });
    });
  }
}
