import { Injectable } from '@nestjs/common';
import { invalidField } from '../../../kernel/http/problem.js';
import { PersonLock } from '../../../kernel/person-lock.js';
import { UsersService } from '../users/users.service.js';
import { FactorLimits } from './factor-limits.js';
import { FactorProof, type Proof } from './factor-proof.js';
import { Totp } from './totp.js';

/** Asks for the second factor again, from accounts that have one. */
@Injectable()
export class SecondFactor {
  constructor(
    private readonly users: UsersService,
    private readonly lock: PersonLock,
    private readonly limits: FactorLimits,
    private readonly proof: FactorProof,
    private readonly totp: Totp,
  ) {}

  /**
   * Runs `work` under the person's lock, after the second factor if the account has one.
   * @throws Problem `validation` when it has one and no proof is given; otherwise `invalid-code`, `too-many-attempts`
   */
  confirm<T>(userId: string, proof: Proof | undefined, work: () => Promise<T>): Promise<T> {
    if (proof === undefined)
      return this.lock.hold(userId, async () => {
        await this.requireProof(userId, proof);
        return work();
      });
    return this.limits.attempt<T>(userId, async () => {
      const isOn = await this.totp.isOn(userId);
      if (isOn && !(await this.proof.accepts(await this.users.get(userId), proof)))
        return { refused: 'invalid-code' };
      return { result: await work() };
    });
  }

  /** @throws Problem `validation` when the account has a second factor and no proof is given */
  async requireProof(userId: string, proof: Proof | undefined): Promise<void> {
    if (proof === undefined && (await this.totp.isOn(userId)))
      throw invalidField('code', 'required', 'This account has a second factor: send code or recovery_code');
  }
}
