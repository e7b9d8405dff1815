import { Injectable } from '@nestjs/common';
import { invalidField } from '../../../kernel/http/problem.js';
import { PersonLock } from '../../../kernel/person-lock.js';
import { UsersService } from '../users/users.service.js';
import { FactorLimits } from './factor-limits.js';
import { FactorProof, type Proof } from './factor-proof.js';
import { Totp } from './totp.js';
import { IN_SESSION, WrongCodes } from './wrong-codes.js';

/** Asks for the second factor again, from accounts that have one. */
@Injectable()
export class SecondFactor {
  constructor(
    private readonly users: UsersService,
    private readonly lock: PersonLock,
    private readonly limits: FactorLimits,
    private readonly proof: FactorProof,
    private readonly totp: Totp,
    private readonly wrongCodes: WrongCodes,
  ) {}

  /**
   * Runs `work` under the person's lock, after the second factor if the account has one.
   * @throws Problem `validation` when it has one and no proof is given; otherwise `invalid-code`, `codes-closed`, `too-many-attempts`
   */
  confirm<T>(userId: string, proof: Proof | undefined, work: () => Promise<T>): Promise<T> {
    if (proof === undefined)
      return this.lock.hold(userId, async () => {
        await this.requireProof(userId, proof);
        return work();
      });
    const giver = { userId, knownBy: IN_SESSION };
    return this.limits.attempt<T>(giver, async () => {
      const isOn = await this.totp.isOn(userId);
      const refused = isOn && (await this.proof.refusal(await this.users.get(userId), proof, giver));
      return refused ? { refused } : { result: await work() };
    });
  }

  /** @throws Problem `validation` when the account has a second factor and no proof is given */
  async requireProof(userId: string, proof: Proof | undefined): Promise<void> {
    if (proof === undefined && (await this.totp.isOn(userId)))
      throw invalidField('code', 'required', 'This account has a second factor: send code or recovery_code');
  }

  /** Allows a person who set a password by mail a few more codes. Joins the caller's unit of work, under the person's lock. */
  ease(userId: string): Promise<void> {
    return this.wrongCodes.ease(userId);
  }
}
