import { Injectable } from '@nestjs/common';
import { Problem } from '../../kernel/http/problem.js';
import type { Device, SignedInDto } from '../sessions/public.js';
import { UsersService } from '../users/public.js';
import { FactorLimits } from './factor-limits.js';
import { FactorNews } from './factor-news.js';
import { FactorProof, type Proof } from './factor-proof.js';
import { RecoveryCodes } from './recovery-codes.js';
import { SignInChallenges } from './sign-in-challenges.js';
import { SignIns } from './sign-ins.js';

/** The second step of a sign-in. */
@Injectable()
export class ChallengeService {
  constructor(
    private readonly challenges: SignInChallenges,
    private readonly users: UsersService,
    private readonly limits: FactorLimits,
    private readonly proof: FactorProof,
    private readonly recoveryCodes: RecoveryCodes,
    private readonly news: FactorNews,
    private readonly signIns: SignIns,
  ) {}

  /** @throws Problem `challenge-expired`, `invalid-code`, `too-many-attempts`, `account-disabled` */
  async answer(challenge: string, proof: Proof, device: Device): Promise<SignedInDto> {
    const userId = await this.challenges.ownerOf(challenge);
    if (userId === undefined) throw new Problem('challenge-expired');
    return this.limits.attempt<SignedInDto>(userId, async () => {
      const user = await this.users.get(userId);
      if (!(await this.challenges.reserve(challenge, user))) return { refused: 'challenge-expired' };
      if (!(await this.proof.accepts(user, proof))) return { refused: 'invalid-code' };
      await this.challenges.end(challenge);
      if ('recoveryCode' in proof)
        await this.news.signedInByRecoveryCode(user, await this.recoveryCodes.countOf(userId));
      return { result: await this.signIns.open(userId, device, 2) };
    });
  }
}
