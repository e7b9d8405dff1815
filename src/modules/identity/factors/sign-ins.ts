import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { AuditLog } from '../../../kernel/audit/audit-log.js';
import type { Decision } from '../../../kernel/http/decision.js';
import { PersonLock } from '../../../kernel/person-lock.js';
import { type Device, SessionsService } from '../sessions/sessions.service.js';
import { type SignedInDto } from '../sessions/sessions.dto.js';
import { Tokens } from '../sessions/tokens.js';
import { type User } from '../users/user.entity.js';
import { UsersService } from '../users/users.service.js';
import { profileOf } from '../users/users.dto.js';
import type { ChallengeDto } from './factors.dto.js';
import { CHALLENGE_MS, SignInChallenges } from './sign-in-challenges.js';
import { Totp } from './totp.js';
import { sessionAudit } from '../sessions/sessions.audit.js';

interface NewSession {
  readonly device: Device;
  readonly raisedBy: string | null;
  readonly sessionId: string;
}

/** The last step of every sign-in, whatever the first proof was, so that these rules always apply. */
@Injectable()
export class SignIns {
  constructor(
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly tokens: Tokens,
    private readonly lock: PersonLock,
    private readonly totp: Totp,
    private readonly challenges: SignInChallenges,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Completes a sign-in after the first proof, or requests the second factor. Joins the caller's unit of work.
   * @param sessionId id of the session that this, or the answer to the challenge, opens.
   * @returns a refusal as {@link lockIfOpen}
   * @throws Problem `session-revoked` when the account is gone
   */
  finish(
    userId: string,
    device: Device,
    sessionId = uuidv7(),
  ): Promise<Decision<SignedInDto | ChallengeDto>> {
    // Enabling a factor takes the same lock: a sign-in either sees the new factor or is ended by it.
    return this.lockIfOpen<SignedInDto | ChallengeDto>(userId, async (user) =>
      (await this.totp.isOn(userId))
        ? this.issueChallenge(user, sessionId)
        : this.openSession(user, { device, raisedBy: null, sessionId }),
    );
  }

  /**
   * Opens the session for a person with sufficient proofs; otherwise as {@link finish}.
   * @param raisedBy as for `SessionsService.open`
   */
  open(
    userId: string,
    device: Device,
    raisedBy: string | null,
    sessionId = uuidv7(),
  ): Promise<Decision<SignedInDto>> {
    return this.lockIfOpen(userId, (user) => this.openSession(user, { device, raisedBy, sessionId }));
  }

  /** Decides under the person's lock. A closed account is refused with `account-disabled` and an audit entry. */
  lockIfOpen<T>(userId: string, decide: (user: User) => Promise<Decision<T>>): Promise<Decision<T>> {
    return this.lock.hold(userId, async () => {
      const user = await this.users.get(userId);
      if (user.disabledAt === null) return decide(user);
      await this.audit.refuse({ action: sessionAudit.refused, subject: user });
      return { refused: 'account-disabled' };
    });
  }

  /** Ends the session, or the challenge that would have opened it. Joins the caller's unit of work. */
  async undo(sessionId: string): Promise<void> {
    // The challenge first: this waits for an answer that is being processed, and then finds the session that it opened.
    await this.challenges.cancel(sessionId);
    await this.sessions.close(sessionId);
  }

  private async openSession(
    user: User,
    { device, raisedBy, sessionId }: NewSession,
  ): Promise<Decision<SignedInDto>> {
    const session = await this.sessions.open(user.id, device, raisedBy, sessionId);
    return { result: { user: profileOf(user), ...this.tokens.pair(session) } };
  }

  private async issueChallenge(user: User, sessionId: string): Promise<Decision<ChallengeDto>> {
    const challenge = await this.challenges.issue(user, sessionId);
    return { result: { challenge, methods: ['totp', 'recovery_code'], expiresIn: CHALLENGE_MS / 1_000 } };
  }
}
