import { Injectable } from '@nestjs/common';
import type { Decision } from '../../../kernel/http/decision.js';
import { Problem } from '../../../kernel/http/problem.js';
import { unlessGone } from '../../../kernel/person-lock.js';
import { TOTP } from '../sessions/session.entity.js';
import { type Device, SessionsService } from '../sessions/sessions.service.js';
import type { SignedInDto } from '../sessions/sessions.dto.js';
import type { User } from '../users/user.entity.js';
import { FactorLimits } from './factor-limits.js';
import { FactorNotices } from './factor-notices.js';
import { FactorProof, type Proof } from './factor-proof.js';
import { RecoveryCodes } from './recovery-codes.js';
import { SignInChallenges } from './sign-in-challenges.js';
import { SignIns } from './sign-ins.js';

/** The second step of a sign-in. */
@Injectable()
export class ChallengeService {
  constructor(
    private readonly challenges: SignInChallenges,
    private readonly limits: FactorLimits,
    private readonly proof: FactorProof,
    private readonly recoveryCodes: RecoveryCodes,
    private readonly notices: FactorNotices,
    private readonly sessions: SessionsService,
    private readonly signIns: SignIns,
  ) {}

  /** @throws Problem `challenge-expired`, `invalid-code`, `codes-closed`, `too-many-attempts`, `account-disabled` */
  async answer(challenge: string, proof: Proof, device: Device): Promise<SignedInDto> {
    const asked = await this.challenges.find(challenge);
    if (!asked) throw new Problem('challenge-expired');
    const { userId, sessionId } = asked;
    const giver = { userId, knownBy: await this.sessions.knownDevice(userId, device.deviceId) };
    const decide = async (user: User): Promise<Decision<SignedInDto>> => {
      if (!(await this.challenges.reserve(challenge, user))) return { refused: 'challenge-expired' };
      const refused = await this.proof.refusal(user, proof, giver);
      if (refused) return { refused };
      await this.challenges.end(challenge);
      if ('recoveryCode' in proof)
        await this.notices.signedInByRecoveryCode(user, await this.recoveryCodes.countOf(userId));
      return this.signIns.open(userId, device, TOTP, sessionId);
    };
    return unlessGone('challenge-expired', () =>
      this.limits.attempt(giver, () => this.signIns.lockIfOpen(userId, decide)),
    );
  }
}
