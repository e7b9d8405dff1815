import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/http/actor.js';
import { type Session, TOTP } from '../sessions/session.entity.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { UsersService } from '../users/users.service.js';
import { FactorLimits } from './factor-limits.js';
import { FactorNotices } from './factor-notices.js';
import { FactorProof, type Proof } from './factor-proof.js';
import { RecoveryCodes } from './recovery-codes.js';
import { Totp } from './totp.js';
import { type CodeGiver, IN_SESSION } from './wrong-codes.js';

export interface Confirmed {
  readonly session: Session;
  /** Recovery codes, which are not stored in clear. */
  readonly codes: string[];
}

/** Enables and removes the authenticator app of a person, each after a code. */
@Injectable()
export class TotpService {
  constructor(
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly limits: FactorLimits,
    private readonly proof: FactorProof,
    private readonly totp: Totp,
    private readonly recoveryCodes: RecoveryCodes,
    private readonly notices: FactorNotices,
  ) {}

  /**
   * Requires a code from now on. Every other session ends, and this one counts as opened with both factors. So a person
   * with a second factor has no session that was opened without it, and no other rule needs to check.
   * @throws Problem `totp-missing`, `invalid-code`, `too-many-attempts`
   */
  confirm({ userId, sessionId }: Actor, code: string): Promise<Confirmed> {
    return this.limits.attempt<Confirmed>(inSession(userId), async () => {
      const [user, enrolment] = [await this.users.get(userId), await this.totp.find(userId)];
      if (!enrolment || enrolment.confirmedAt !== null) return { refused: 'totp-missing' };
      if (!(await this.totp.confirm(enrolment, code))) {
        await this.notices.codeRefused(user);
        return { refused: 'invalid-code' };
      }
      const session = await this.sessions.strengthen(sessionId);
      await this.sessions.revokeOthers(userId, sessionId);
      await this.notices.totpEnabled(user);
      return { result: { session, codes: await this.recoveryCodes.renew(userId) } };
    });
  }

  /** Stops requiring codes, ends every other session and lowers this one if a code had raised it. @throws Problem as {@link confirm} */
  disable({ userId, sessionId }: Actor, proof: Proof): Promise<void> {
    return this.limits.attempt(inSession(userId), async () => {
      const user = await this.users.get(userId);
      if (!(await this.totp.isOn(userId))) return { refused: 'totp-missing' };
      const refused = await this.proof.refusal(user, proof, inSession(userId));
      if (refused) return { refused };
      await this.totp.remove(userId);
      await this.recoveryCodes.removeAll(userId);
      await this.sessions.revokeOthers(userId, sessionId);
      await this.sessions.lower(userId, TOTP);
      await this.notices.totpDisabled(user);
      return { result: undefined };
    });
  }

  /** Replaces the recovery codes. @throws Problem as {@link confirm} */
  renewCodes({ userId }: Actor, proof: Proof): Promise<string[]> {
    return this.limits.attempt<string[]>(inSession(userId), async () => {
      const user = await this.users.get(userId);
      if (!(await this.totp.isOn(userId))) return { refused: 'totp-missing' };
      const refused = await this.proof.refusal(user, proof, inSession(userId));
      if (refused) return { refused };
      await this.notices.codesRenewed(user);
      return { result: await this.recoveryCodes.renew(userId) };
    });
  }
}

const inSession = (userId: string): CodeGiver => ({ userId, knownBy: IN_SESSION });
