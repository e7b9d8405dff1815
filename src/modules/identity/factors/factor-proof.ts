import { Injectable } from '@nestjs/common';
import type { ErrorCode } from '../../../kernel/http/errors.js';
import type { User } from '../users/user.entity.js';
import { FactorNotices } from './factor-notices.js';
import { RecoveryCodes } from './recovery-codes.js';
import { Totp } from './totp.js';
import { type CodeGiver, WrongCodes } from './wrong-codes.js';

/** A code of the authenticator app, or a recovery code. */
export type Proof = { readonly code: string } | { readonly recoveryCode: string };

/** Checks second factors: a correct one is used up, and a wrong one gets an audit entry. */
@Injectable()
export class FactorProof {
  constructor(
    private readonly totp: Totp,
    private readonly recoveryCodes: RecoveryCodes,
    private readonly wrongCodes: WrongCodes,
    private readonly notices: FactorNotices,
  ) {}

  /**
   * Why the proof is refused; undefined for a correct one. Joins the caller's unit of work, under the person's lock.
   * @returns `invalid-code`, or `codes-closed` when too many codes in a row were wrong: then the code was not checked.
   */
  async refusal(user: User, proof: Proof, giver: CodeGiver): Promise<ErrorCode | undefined> {
    const isRecoveryCode = 'recoveryCode' in proof;
    if (!(await this.totp.isOn(user.id))) {
      // Removed since the challenge was issued.
      await this.notices.codeRefused(user);
      return 'invalid-code';
    }
    if (!(await this.wrongCodes.reserve(giver, isRecoveryCode))) return 'codes-closed';
    const right = isRecoveryCode
      ? await this.recoveryCodes.accepts(user.id, proof.recoveryCode)
      : await this.totp.accepts(user.id, proof.code);
    if (!right) {
      await this.notices.codeRefused(user, await this.wrongCodes.confirm(giver));
      return 'invalid-code';
    }
    await this.wrongCodes.forget(giver, isRecoveryCode);
    return undefined;
  }
}
