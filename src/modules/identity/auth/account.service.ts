import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/http/actor.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { AccountLetters } from '../users/account-letters.js';
import { UsersService } from '../users/users.service.js';
import { EmailTokens } from './email-tokens.js';
import { PasswordProof } from './password-proof.js';
import { checkPassword, Passwords } from './passwords.js';
import { passwordChangedLetter } from './auth.letters.js';

/** Account changes that need the current password. */
@Injectable()
export class AccountService {
  constructor(
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly proof: PasswordProof,
    private readonly passwords: Passwords,
    private readonly letters: AccountLetters,
    private readonly links: EmailTokens,
  ) {}

  /** Sets the password and ends every other session and reset link in one transaction. @throws Problem `password-incorrect` */
  async changePassword(actor: Actor, current: string, next: string): Promise<void> {
    const user = await this.proof.of(actor, current);
    checkPassword(next, user, 'new_password');
    const passwordHash = await this.passwords.hash(next);
    await this.users.lockIfPasswordUnchanged(user, 'password-incorrect', async () => {
      await this.users.changePassword(user.id, passwordHash);
      await this.links.endAll(user.id, 'reset');
      await this.letters.send(user, passwordChangedLetter, { link: this.letters.help });
      await this.sessions.revokeOthers(user.id, actor.sessionId);
    });
  }

  /** Deletes the account and all it owns, at once. @throws Problem `last-admin`, `session-revoked` */
  async deleteAccount(actor: Actor): Promise<void> {
    const { userId } = actor;
    await this.sessions.whileOpen(actor, () => this.users.remove(userId));
    this.sessions.forgetAll(userId);
  }
}
