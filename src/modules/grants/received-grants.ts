import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AuditLog } from '../../kernel/audit/audit-log.js';
import type { Actor } from '../../kernel/http/actor.js';
import { Problem } from '../../kernel/http/problem.js';
import { Clock } from '../../platform/clock.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { AddressEvents, UsersService } from '../users/public.js';
import { GrantsRepository, type ReceivedGrant } from './grants.repository.js';

/** What a person was let read. */
@Injectable()
export class ReceivedGrants implements OnModuleInit {
  constructor(
    private readonly grants: GrantsRepository,
    private readonly users: UsersService,
    private readonly addresses: AddressEvents,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly audit: AuditLog,
  ) {}

  onModuleInit(): void {
    this.addresses.subscribe((userId) => this.claim(userId));
  }

  /** @throws Problem `forbidden` for who is no coach */
  async list({ userId }: Actor): Promise<ReceivedGrant[]> {
    if ((await this.users.get(userId)).role !== 'coach') throw new Problem('forbidden');
    // What was given in the moment in which the address was shown to be theirs waits still.
    await this.unitOfWork.run(() => this.claim(userId));
    return this.grants.received(userId, this.clock.date());
  }

  /**
   * Lets one person read of another, and writes it down for that other before anything is read. Asks the database each time:
   * what was revoked is over at once.
   * @throws Problem `not-found`, as for an owner who does not exist
   */
  admit(viewerId: string, ownerId: string, scope: string): Promise<void> {
    return this.unitOfWork.run(async () => {
      const grants = await this.grants.holding(viewerId, ownerId, this.clock.date());
      const grant = grants.find(({ scopes }) => scopes.includes(scope));
      if (!grant) throw new Problem('not-found');
      await this.audit.record({
        action: 'data.read',
        actor: viewerId,
        subject: ownerId,
        target: grant.id,
        fields: [scope],
      });
    });
  }

  /** Gives what waits for an address to the account that has shown to own it. Joins the caller's unit of work. */
  private async claim(userId: string): Promise<void> {
    const { email, emailVerifiedAt } = await this.users.get(userId);
    if (emailVerifiedAt !== null) await this.grants.claim(userId, email);
  }
}
