import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../kernel/audit/audit-log.js';
import { Counters } from '../../kernel/limits/counters.js';
import { AccountLetters, type User } from '../users/public.js';

/** Letters to one owner: who tries again and again fills nobody's mailbox. */
const MOST = 3;
const WINDOW_MS = 3_600_000;

/** Sign-ins with an address that is somebody else's, for all one can know. */
@Injectable()
export class Refusals {
  constructor(
    private readonly letters: AccountLetters,
    private readonly counters: Counters,
    private readonly audit: AuditLog,
  ) {}

  /** The owner hears of it, and the caller does not. Joins the caller's unit of work. */
  async tell(owner: User, provider: string): Promise<void> {
    await this.audit.record({ action: 'identity.refused', subject: owner });
    const { hits } = await this.counters.hit(`mail:refusal:${owner.id}`, WINDOW_MS);
    if (hits <= MOST) await this.letters.linkAttempted(owner, provider);
  }
}
