import { Injectable } from '@nestjs/common';
import type { Actor } from '../../kernel/http/actor.js';
import { type Session, SessionsService } from '../sessions/public.js';
import { UsersService } from '../users/public.js';
import { FactorLimits } from './factor-limits.js';
import { FactorNews } from './factor-news.js';
import { FactorProof, type Proof } from './factor-proof.js';
import { RecoveryCodes } from './recovery-codes.js';
import { Totp } from './totp.js';

interface Confirmed {
  readonly session: Session;
  /** Recovery codes, which are not kept. */
  readonly codes: string[];
}

/** The authenticator app of a person, put into force and taken away: each with a code of it. */
@Injectable()
export class TotpService {
  constructor(
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly limits: FactorLimits,
    private readonly proof: FactorProof,
    private readonly totp: Totp,
    private readonly recoveryCodes: RecoveryCodes,
    private readonly news: FactorNews,
  ) {}

  /**
   * Asks for a code from now on. Every other session ends, and this one counts as opened with both factors: so who has a
   * second factor has no session that was opened without it, and no rule elsewhere needs to ask.
   * @throws Problem `totp-missing`, `invalid-code`, `too-many-attempts`
   */
  confirm({ userId, sessionId }: Actor, code: string): Promise<Confirmed> {
    return this.limits.attempt<Confirmed>(userId, async () => {
      const [user, enrolment] = [await this.users.get(userId), await this.totp.find(userId)];
      if (!enrolment || enrolment.confirmedAt !== null) return { refused: 'totp-missing' };
      if (!(await this.totp.confirm(enrolment, code))) {
        await this.news.codeRefused(user);
        return { refused: 'invalid-code' };
      }
      const session = await this.sessions.strengthen(sessionId);
      await this.sessions.revokeOthers(userId, sessionId);
      await this.news.totpEnabled(user);
      return { result: { session, codes: await this.recoveryCodes.renew(userId) } };
    });
  }

  /** Asks for no code any more, and ends every other session. @throws Problem as {@link confirm} */
  disable({ userId, sessionId }: Actor, proof: Proof): Promise<void> {
    return this.limits.attempt(userId, async () => {
      const user = await this.users.get(userId);
      if (!(await this.totp.isOn(userId))) return { refused: 'totp-missing' };
      if (!(await this.proof.accepts(user, proof))) return { refused: 'invalid-code' };
      await this.totp.remove(userId);
      await this.recoveryCodes.removeAll(userId);
      await this.sessions.revokeOthers(userId, sessionId);
      await this.news.totpDisabled(user);
      return { result: undefined };
    });
  }

  /** New recovery codes in the place of the old ones, which are not kept. @throws Problem as {@link confirm} */
  renewCodes({ userId }: Actor, proof: Proof): Promise<string[]> {
    return this.limits.attempt<string[]>(userId, async () => {
      const user = await this.users.get(userId);
      if (!(await this.totp.isOn(userId))) return { refused: 'totp-missing' };
      if (!(await this.proof.accepts(user, proof))) return { refused: 'invalid-code' };
      await this.news.codesRenewed(user);
      return { result: await this.recoveryCodes.renew(userId) };
    });
  }
}
