import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../../kernel/audit/audit-log.js';
import type { Reason } from '../../../kernel/audit/reasons.js';
import { type DeadLetter, DeadLetters } from '../../../kernel/events/dead-letters.js';
import type { Actor } from '../../../kernel/http/actor.js';
import type { Listing, Place } from '../../../kernel/http/paging.js';
import { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import { outboxAudit } from './outbox.audit.js';

/** Lists and retries events that could not be delivered, for admins. */
@Injectable()
export class OutboxService {
  constructor(
    private readonly deadLetters: DeadLetters,
    private readonly audit: AuditLog,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  async list({ userId }: Actor, place: Place, reason: Reason): Promise<Listing<DeadLetter>> {
    const page = await this.deadLetters.page(place);
    await this.audit.record({ action: outboxAudit.read, actor: userId, reason });
    return page;
  }

  retry({ userId }: Actor, subscriber: string | undefined, reason: Reason): Promise<{ retried: number }> {
    return this.unitOfWork.run(async () => {
      const retried = await this.deadLetters.retry(subscriber);
      await this.audit.record({ action: outboxAudit.retried, actor: userId, target: subscriber, reason });
      return { retried };
    });
  }
}
