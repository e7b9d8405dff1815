import { Injectable } from '@nestjs/common';
import type { Actor } from '../../kernel/http/actor.js';
import { Problem } from '../../kernel/http/problem.js';
import { ChangeSequence } from '../../kernel/records/change-sequence.js';
import { UsersService } from '../users/public.js';
import { FactorNews } from './factor-news.js';
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
    private readonly news: FactorNews,
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

  /**
   * New recovery codes in the place of the old ones.
   * @throws Problem `second-factor-required` in a session that was opened without one, `totp-missing`
   */
  renewCodes({ userId, aal }: Actor): Promise<string[]> {
    return this.sequence.change(userId, async () => {
      if (!(await this.totp.isOn(userId))) throw new Problem('totp-missing');
      if (aal < 2) throw new Problem('second-factor-required');
      await this.news.codesRenewed(await this.users.get(userId));
      return this.recoveryCodes.renew(userId);
    });
  }
}
