import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/http/actor.js';
import type { Proof } from '../factors/factor-proof.js';
import { SecondFactor } from '../factors/second-factor.js';
import { type AccessTokenDto } from '../sessions/sessions.dto.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { Tokens } from '../sessions/tokens.js';
import { UsersService } from '../users/users.service.js';
import { PasswordProof } from './password-proof.js';

/** A fresh proof of a signed-in person. */
@Injectable()
export class ReauthService {
  constructor(
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly proof: PasswordProof,
    private readonly factor: SecondFactor,
    private readonly tokens: Tokens,
  ) {}

  /**
   * Checks the password again, and the second factor if there is one, which gives the session a fresh proof for ten minutes.
   * @throws Problem `password-incorrect`, and as {@link SecondFactor.confirm}
   */
  async reauth(actor: Actor, password: string, factor: Proof | undefined): Promise<AccessTokenDto> {
    // First, so that an app that does not know about the factor uses up no attempt.
    await this.factor.requireProof(actor.userId, factor);
    const user = await this.proof.of(actor, password);
    const session = await this.factor.confirm(user.id, factor, () =>
      this.users.lockIfPasswordUnchanged(user, 'password-incorrect', () =>
        this.sessions.prove(actor.sessionId),
      ),
    );
    return this.tokens.accessOnly(session);
  }
}
