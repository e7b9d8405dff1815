import { Injectable } from '@nestjs/common';
import { settled } from '../../../kernel/http/decision.js';
import { Problem } from '../../../kernel/http/problem.js';
import { type ChallengeDto } from '../factors/factors.dto.js';
import { SignIns } from '../factors/sign-ins.js';
import type { Device } from '../sessions/sessions.service.js';
import type { SignedInDto } from '../sessions/sessions.dto.js';
import { normalizeEmail } from '../users/email.js';
import { UsersService } from '../users/users.service.js';
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
    const user = await this.proof.ofAddress(normalizeEmail(email), password, device);
    const finish = () => this.signIns.finish(user.id, device);
    const decided = await this.users
      .lockIfPasswordUnchanged(user, 'invalid-credentials', finish)
      .catch((error: unknown) => {
        // The account was deleted meanwhile: answer as for an unknown address.
        throw error instanceof Problem && error.code === 'session-revoked'
          ? new Problem('invalid-credentials')
          : error;
      });
    return settled(decided);
  }
}
