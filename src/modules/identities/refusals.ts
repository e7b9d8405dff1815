import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../kernel/audit/audit-log.js';
import { Clock } from '../../platform/clock.js';
import { AccountLetters, type User } from '../users/public.js';

/** Letters to one owner: who tries again and again fills nobody's mailbox. */
const MOST = 3;
const WINDOW_MS = 3_600_000;
const ACTION = 'identity.refused';

/** Sign-ins with an address that is somebody else's, for all one can know. */
@Injectable()
export class Refusals {
  constructor(
    private readonly letters: AccountLetters,
    private readonly clock: Clock,
    private readonly audit: AuditLog,
  ) {}

  /** The owner hears of it, and the caller does not. Joins the caller's unit of work, under the owner's lock. */
  async tell(owner: User, provider: string): Promise<void> {
    const since = new Date(this.clock.now() - WINDOW_MS);
    const before = await this.audit.countSince(since, ACTION, owner);
    await this.audit.record({ action: ACTION, subject: owner });
    if (before < MOST) await this.letters.linkAttempted(owner, provider);
  }
}
