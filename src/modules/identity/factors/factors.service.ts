import { Injectable } from '@nestjs/common';
import { Problem } from '../../../kernel/http/problem.js';
import { PersonLock } from '../../../kernel/person-lock.js';
import { UsersService } from '../users/users.service.js';
import type { FactorsDto } from './factors.dto.js';
import { RecoveryCodes } from './recovery-codes.js';
import { type Enrolment, Totp } from './totp.js';

/** The second factors of a person. */
@Injectable()
export class FactorsService {
  constructor(
    private readonly users: UsersService,
    private readonly lock: PersonLock,
    private readonly totp: Totp,
    private readonly recoveryCodes: RecoveryCodes,
  ) {}

  async overview(userId: string): Promise<FactorsDto> {
    return {
      totp: await this.totp.isOn(userId),
      recoveryCodesLeft: await this.recoveryCodes.countOf(userId),
    };
  }

  /** Returns the seed, only once. No code is required until the enrolment is confirmed. @throws Problem `totp-enabled` */
  enrol(userId: string): Promise<Enrolment> {
    return this.lock.hold(userId, async () => {
      if (await this.totp.isOn(userId)) throw new Problem('totp-enabled');
      return this.totp.enrol(userId, (await this.users.get(userId)).email);
    });
  }
}
