import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { AuditLog } from '../../kernel/audit/audit-log.js';
import type { Assurance } from '../../kernel/http/actor.js';
import type { Decision } from '../../kernel/http/decision.js';
import { ChangeSequence } from '../../kernel/records/change-sequence.js';
import { type Device, SessionsService, type SignedInDto, Tokens } from '../sessions/public.js';
import { type User, UsersService, userWire } from '../users/public.js';
import type { ChallengeDto } from './factors.dto.js';
import { CHALLENGE_MS, SignInChallenges } from './sign-in-challenges.js';
import { Totp } from './totp.js';

interface Entry {
  readonly device: Device;
  readonly aal: Assurance;
  readonly sessionId: string;
}

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
    private readonly audit: AuditLog,
  ) {}

  /**
   * Signs in who has given a first proof; who has a second factor is asked for it instead. Joins the caller's unit of work.
   * @param sessionId of the session that this opens, or the answer to the challenge will open.
   * @returns a refusal as {@link whileOpen}
   * @throws Problem `session-revoked` when the account is gone
   */
  finish(
    userId: string,
    device: Device,
    sessionId = uuidv7(),
  ): Promise<Decision<SignedInDto | ChallengeDto>> {
    // Under the lock that a factor is put in force under: a sign-in sees it, or is ended by it.
    return this.whileOpen<SignedInDto | ChallengeDto>(userId, async (user) =>
      (await this.totp.isOn(userId))
        ? this.ask(user, sessionId)
        : this.enter(user, { device, aal: 1, sessionId }),
    );
  }

  /** Signs in who has proved enough; as {@link finish}. */
  open(userId: string, device: Device, aal: Assurance, sessionId = uuidv7()): Promise<Decision<SignedInDto>> {
    return this.whileOpen(userId, (user) => this.enter(user, { device, aal, sessionId }));
  }

  /** Decides under the person's lock; of a closed account the answer is a refusal with `account-disabled`, written down. */
  whileOpen<T>(userId: string, decide: (user: User) => Promise<Decision<T>>): Promise<Decision<T>> {
    return this.sequence.change(userId, async () => {
      const user = await this.users.get(userId);
      if (user.disabledAt === null) return decide(user);
      await this.audit.record({ action: 'session.refused', subject: user });
      return { refused: 'account-disabled' };
    });
  }

  /** Ends what was opened, or would have been. Joins the caller's unit of work. */
  async undo(sessionId: string): Promise<void> {
    // In this order: an answer under way is waited for, and what it opened is found.
    await this.challenges.cancel(sessionId);
    await this.sessions.close(sessionId);
  }

  private async enter(user: User, { device, aal, sessionId }: Entry): Promise<Decision<SignedInDto>> {
    const session = await this.sessions.open(user.id, device, aal, sessionId);
    return { result: { user: userWire(user), ...this.tokens.pair(session) } };
  }

  private async ask(user: User, sessionId: string): Promise<Decision<ChallengeDto>> {
    const challenge = await this.challenges.issue(user, sessionId);
    return { result: { challenge, methods: ['totp', 'recovery_code'], expires_in: CHALLENGE_MS / 1_000 } };
  }
}
