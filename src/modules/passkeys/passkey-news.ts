import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../kernel/audit/audit-log.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { Logger } from '../../platform/logger.js';
import { AccountLetters, type User } from '../users/public.js';
import type { Passkey } from './passkey.entity.js';

/** What the log and the owner are told about passkeys, side by side. All join the caller's unit of work. */
@Injectable()
export class PasskeyNews {
  constructor(
    private readonly letters: AccountLetters,
    private readonly audit: AuditLog,
    private readonly logger: Logger,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  async added(user: User, { id, name }: Passkey): Promise<void> {
    await this.audit.record({ action: 'passkey.added', actor: user, subject: user, target: id });
    await this.letters.passkeyAdded(user, name);
  }

  async removed(user: User, { id, name }: Passkey): Promise<void> {
    await this.audit.record({ action: 'passkey.removed', actor: user, subject: user, target: id });
    await this.letters.passkeyRemoved(user, name);
  }

  refused({ userId, id }: Passkey): Promise<void> {
    return this.audit.record({ action: 'passkey.refused', subject: userId, target: id });
  }

  /** Whoever runs the service reads of it, too: the person cannot know, and the key should go. */
  async copied({ userId, id }: Passkey): Promise<void> {
    this.unitOfWork.afterCommit(() =>
      this.logger.warn({ event: 'passkey_copied', user_id: userId }, 'security'),
    );
    await this.audit.record({ action: 'passkey.copied', subject: userId, target: id });
  }
}
