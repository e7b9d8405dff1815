import { Injectable } from '@nestjs/common';
import type { User } from '../users/public.js';
import { FactorNews } from './factor-news.js';
import { RecoveryCodes } from './recovery-codes.js';
import { Totp } from './totp.js';

/** A code of the app, or a recovery code. */
export type Proof = { readonly code: string } | { readonly recoveryCode: string };

/** The second factor in hand: whatever it is, a right one is used up, and a wrong one written down. */
@Injectable()
export class FactorProof {
  constructor(
    private readonly totp: Totp,
    private readonly recoveryCodes: RecoveryCodes,
    private readonly news: FactorNews,
  ) {}

  /** Whether the proof is right. Joins the caller's unit of work, under the person's lock. */
  async accepts(user: User, proof: Proof): Promise<boolean> {
    const right = await ('code' in proof
      ? this.totp.accepts(user.id, proof.code)
      : this.recoveryCodes.accepts(user.id, proof.recoveryCode));
    if (!right) await this.news.codeRefused(user);
    return right;
  }
}
