import { Injectable } from '@nestjs/common';
import { settled } from '../../../kernel/http/decision.js';
import { unlessGone } from '../../../kernel/person-lock.js';
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
    const decided = await unlessGone('invalid-credentials', () =>
      this.users.lockIfPasswordUnchanged(user, 'invalid-credentials', finish),
    );
    return settled(decided);
  }
}
