import { Injectable } from '@nestjs/common';
import { settled } from '../../kernel/http/decision.js';
import { Problem } from '../../kernel/http/problem.js';
import { type ChallengeDto, SignIns } from '../factors/public.js';
import type { Device, SignedInDto } from '../sessions/public.js';
import { normalizeEmail, UsersService } from '../users/public.js';
import { PasswordProof } from './password-proof.js';

@Injectable()
export class AuthService {
  constructor(
    private readonly users: UsersService,
    private readonly proof: PasswordProof,
    private readonly signIns: SignIns,
  ) {}

  /** @throws Problem `invalid-credentials`, `too-many-attempts`, `account-disabled` */
  async login(email: string, password: string, device: Device): Promise<SignedInDto | ChallengeDto> {
    const user = await this.proof.ofAddress(normalizeEmail(email), password, device.ip ?? 'unknown');
    const finish = () => this.signIns.finish(user.id, device);
    const decided = await this.users
      .whilePasswordHolds(user, 'invalid-credentials', finish)
      .catch((error: unknown) => {
        // Deleted meanwhile: the answer is that of an address nobody has.
        throw error instanceof Problem && error.code === 'session-revoked'
          ? new Problem('invalid-credentials')
          : error;
      });
    return settled(decided);
  }
}
