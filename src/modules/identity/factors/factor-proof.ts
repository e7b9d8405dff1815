import { Injectable } from '@nestjs/common';
import type { User } from '../users/user.entity.js';
import { FactorNotices } from './factor-notices.js';
import { RecoveryCodes } from './recovery-codes.js';
import { Totp } from './totp.js';

/** A code of the authenticator app, or a recovery code. */
export type Proof = { readonly code: string } | { readonly recoveryCode: string };

/** Checks second factors: a correct one is used up, and a wrong one gets an audit entry. */
@Injectable()
export class FactorProof {
  constructor(
    private readonly totp: Totp,
    private readonly recoveryCodes: RecoveryCodes,
    private readonly notices: FactorNotices,
  ) {}

  /** Whether the proof is correct. Joins the caller's unit of work, under the person's lock. */
  async accepts(user: User, proof: Proof): Promise<boolean> {
    const right = await ('code' in proof
      ? this.totp.accepts(user.id, proof.code)
      : this.recoveryCodes.accepts(user.id, proof.recoveryCode));
    if (!right) await this.notices.codeRefused(user);
    return right;
  }
}
