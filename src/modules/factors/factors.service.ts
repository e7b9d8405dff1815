import { Injectable } from '@nestjs/common';
import { Problem } from '../../kernel/http/problem.js';
import { ChangeSequence } from '../../kernel/records/change-sequence.js';
import { UsersService } from '../users/public.js';
import type { FactorsDto } from './factors.dto.js';
import { RecoveryCodes } from './recovery-codes.js';
import { type Enrolment, Totp } from './totp.js';

/** What a person has besides a password. */
@Injectable()
export class FactorsService {
  constructor(
    private readonly users: UsersService,
    private readonly sequence: ChangeSequence,
    private readonly totp: Totp,
    private readonly recoveryCodes: RecoveryCodes,
  ) {}

  async overview(userId: string): Promise<FactorsDto> {
    return {
      totp: await this.totp.isOn(userId),
      recovery_codes_left: await this.recoveryCodes.countOf(userId),
    };
  }

  /** The seed, this once. Nothing asks for a code until the enrolment is confirmed. @throws Problem `totp-enabled` */
  enrol(userId: string): Promise<Enrolment> {
    return this.sequence.change(userId, async () => {
      if (await this.totp.isOn(userId)) throw new Problem('totp-enabled');
      return this.totp.enrol(userId, (await this.users.get(userId)).email);
    });
  }
}
