import { Injectable } from '@nestjs/common';
import { ReadingGrants } from '../../../kernel/access/reading-grants.js';
import { AuditLog } from '../../../kernel/audit/audit-log.js';
import { OnEventInTransaction } from '../../../kernel/events/on-event.js';
import type { Actor } from '../../../kernel/http/actor.js';
import type { Listing, Place } from '../../../kernel/http/paging.js';
import { Problem } from '../../../kernel/http/problem.js';
import { Clock } from '../../../platform/clock.js';
import { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import { AddressOwned } from '../users/address-events.js';
import { UsersService } from '../users/users.service.js';
import type { Grant } from './grant.entity.js';
import { GrantsRepository, type ReceivedGrant } from './grants.repository.js';
import { dataAudit } from './grants.audit.js';

/** The grants that a person has received. */
@Injectable()
export class ReceivedGrants extends ReadingGrants {
  constructor(
    private readonly grants: GrantsRepository,
    private readonly users: UsersService,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly audit: AuditLog,
  ) {
    super();
  }

  /** @throws Problem `forbidden` for a person who is not a coach, `validation` for a wrong cursor */
  async list({ userId }: Actor, place: Place): Promise<Listing<ReceivedGrant>> {
    if ((await this.users.get(userId)).role !== 'coach') throw new Problem('forbidden');
    // A grant that was created while the address was being verified may still be pending.
    await this.unitOfWork.run(() => this.claim(userId));
    return this.grants.received(userId, this.clock.date(), place);
  }

  /**
   * Admits a person to another's data and records it in the owner's access log before anything is read. It queries the
   * database each time, so that a revoked grant ends at once.
   * @throws Problem `not-found`, as for an owner who does not exist
   */
  override admit(
    viewerId: string,
    ownerId: string,
    scope: string,
    isMixed: boolean,
  ): Promise<readonly string[]> {
    return this.unitOfWork.run(async () => {
      const grants = await this.grants.holding(viewerId, ownerId, this.clock.date());
      const grant = grants.find(({ scopes }) => scopes.includes(scope));
      if (!grant) throw new Problem('not-found');
      if (isMixed) return this.recordAll(viewerId, ownerId, grants);
      await this.record(viewerId, ownerId, grant, [scope]);
      return scopesOf(grants);
    });
  }

  override admitInPart(viewerId: string, ownerId: string): Promise<readonly string[]> {
    return this.unitOfWork.run(async () => {
      const grants = await this.grants.holding(viewerId, ownerId, this.clock.date());
      if (grants.length === 0) throw new Problem('not-found');
      return this.recordAll(viewerId, ownerId, grants);
    });
  }

  private async recordAll(
    viewerId: string,
    ownerId: string,
    grants: readonly Grant[],
  ): Promise<readonly string[]> {
    for (const grant of grants) await this.record(viewerId, ownerId, grant, grant.scopes);
    return scopesOf(grants);
  }

  private record(viewerId: string, ownerId: string, { id }: { id: string }, fields: readonly string[]) {
    return this.audit.record({
      action: dataAudit.read,
      actor: viewerId,
      subject: ownerId,
      target: id,
      fields,
    });
  }

  @OnEventInTransaction(AddressOwned, 'waiting-grants')
  async claimWaiting({ ownerId }: AddressOwned): Promise<void> {
    await this.claim(ownerId);
  }

  /** Assigns pending grants to the account that has verified the address. Joins the caller's unit of work. */
  private async claim(userId: string): Promise<void> {
    const { email, emailVerifiedAt } = await this.users.get(userId);
    if (emailVerifiedAt !== null) await this.grants.claim(userId, email);
  }
}

const scopesOf = (grants: readonly { readonly scopes: readonly string[] }[]): readonly string[] =>
  grants.flatMap(({ scopes }) => scopes);
