import { Injectable } from '@nestjs/common';
import { Problem } from '../../kernel/http/problem.js';
import type { Assurance } from '../../kernel/http/actor.js';
import { ChangeSequence } from '../../kernel/records/change-sequence.js';
import { type Device, SessionsService, type SignedInDto, Tokens } from '../sessions/public.js';
import { type User, UsersService, userWire } from '../users/public.js';
import type { ChallengeDto } from './factors.dto.js';
import { CHALLENGE_MS, SignInChallenges } from './sign-in-challenges.js';
import { Totp } from './totp.js';

/** How every sign-in ends, whatever it began with: no way in is without these rules. */
@Injectable()
export class SignIns {
  constructor(
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly tokens: Tokens,
    private readonly sequence: ChangeSequence,
    private readonly totp: Totp,
    private readonly challenges: SignInChallenges,
  ) {}

  /**
   * Signs in who has given a first proof; who has a second factor is asked for it instead. Joins the caller's unit of work.
   * @throws Problem `account-disabled`, `session-revoked` when the account is gone
   */
  finish(userId: string, device: Device): Promise<SignedInDto | ChallengeDto> {
    // Under the lock that a factor is put in force under: a sign-in sees it, or is ended by it.
    return this.sequence.change(userId, async () =>
      (await this.totp.isOn(userId)) ? this.ask(await this.admitted(userId)) : this.open(userId, device, 1),
    );
  }

  /**
   * Signs in who has proved enough. Joins the caller's unit of work.
   * @throws Problem `account-disabled`, `session-revoked` when the account is gone
   */
  open(userId: string, device: Device, aal: Assurance): Promise<SignedInDto> {
    return this.sequence.change(userId, async () => {
      const user = await this.admitted(userId);
      const session = await this.sessions.open(userId, device, aal);
      return { user: userWire(user), ...this.tokens.pair(session) };
    });
  }

  private async ask(user: User): Promise<ChallengeDto> {
    return {
      challenge: await this.challenges.issue(user),
      methods: ['totp', 'recovery_code'],
      expires_in: CHALLENGE_MS / 1_000,
    };
  }

  private async admitted(userId: string): Promise<User> {
    const user = await this.users.get(userId);
    if (user.disabledAt !== null) throw new Problem('account-disabled');
    return user;
  }
}
