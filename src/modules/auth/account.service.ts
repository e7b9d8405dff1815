import { Injectable } from '@nestjs/common';
import type { Actor } from '../../kernel/http/actor.js';
import { type AccessTokenDto, SessionsService, Tokens } from '../sessions/public.js';
import { AccountLetters, UsersService } from '../users/public.js';
import { EmailTokens } from './email-tokens.js';
import { PasswordProof } from './password-proof.js';
import { checkPassword, Passwords } from './passwords.js';

/** What a person does with the password in hand. */
@Injectable()
export class AccountService {
  constructor(
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly proof: PasswordProof,
    private readonly passwords: Passwords,
    private readonly tokens: Tokens,
    private readonly letters: AccountLetters,
    private readonly links: EmailTokens,
  ) {}

  /** The password once more: for ten minutes the session may do what needs a fresh proof. @throws Problem `password-incorrect` */
  async reauth(actor: Actor, password: string, address: string): Promise<AccessTokenDto> {
    const user = await this.proof.of(actor, password, address);
    const session = await this.users.whilePasswordHolds(user, 'password-incorrect', () =>
      this.sessions.prove(actor.sessionId),
    );
    return this.tokens.accessOnly(session);
  }

  /** The password is set, and every other session and way to set one ended, together. @throws Problem `password-incorrect` */
  async changePassword(actor: Actor, current: string, next: string, address: string): Promise<void> {
    const user = await this.proof.of(actor, current, address);
    checkPassword(next, user, 'new_password');
    const passwordHash = await this.passwords.hash(next);
    await this.users.whilePasswordHolds(user, 'password-incorrect', async () => {
      await this.users.changePassword(user.id, passwordHash);
      await this.links.endAll(user.id, 'reset');
      await this.letters.passwordChanged(user);
      await this.sessions.revokeOthers(user.id, actor.sessionId);
    });
  }

  /** Deletes the account and all it owns, at once. @throws Problem `last-admin` */
  async deleteAccount({ userId }: Actor): Promise<void> {
    await this.users.remove(userId);
    this.sessions.forgetAll(userId);
  }
}
