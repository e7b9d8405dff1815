import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { AuditLog } from '../../kernel/audit/audit-log.js';
import type { Actor } from '../../kernel/http/actor.js';
import { invalidField, Problem } from '../../kernel/http/problem.js';
import { ChangeSequence } from '../../kernel/records/change-sequence.js';
import { Clock } from '../../platform/clock.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { AccountLetters, UsersService } from '../users/public.js';
import type { Grant } from './grant.entity.js';
import { GrantsRepository, type ReceivedGrant } from './grants.repository.js';

const MAX_GRANTS = 50;
const MAX_DAYS = 366;
const USUAL_DAYS = 30;
const DAY_MS = 86_400_000;

export interface GrantInput {
  readonly email: string;
  readonly scopes: readonly string[];
  /** 30 days from now, unless given. */
  readonly until?: Date;
}

/** Who may read whose data. */
@Injectable()
export class GrantsService {
  constructor(
    private readonly grants: GrantsRepository,
    private readonly users: UsersService,
    private readonly letters: AccountLetters,
    private readonly sequence: ChangeSequence,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Lets whoever has the address read. The result tells nothing about who that is: a grant for an address without an account
   * waits for one that shows to own it.
   * @throws Problem `validation`, `too-many-grants`
   */
  create({ userId }: Actor, { email, scopes, until }: GrantInput): Promise<Grant> {
    const now = this.clock.date();
    const expiresAt = until ?? new Date(now.getTime() + USUAL_DAYS * DAY_MS);
    checkTerm(expiresAt, now);
    return this.sequence.change(userId, async () => {
      const owner = await this.users.get(userId);
      if (email === owner.email) throw invalidField('email', 'not-allowed', 'This is your own address');
      await this.grants.removeExpired(userId, now);
      if ((await this.grants.given(userId, now)).length >= MAX_GRANTS) throw new Problem('too-many-grants');
      const grantee = await this.users.findByEmail(email);
      const known = grantee?.emailVerifiedAt ? grantee : undefined;
      const grant: Grant = {
        id: uuidv7(),
        userId,
        granteeEmail: email,
        granteeId: known?.id ?? null,
        scopes,
        createdAt: now,
        expiresAt,
      };
      await this.grants.insert(grant);
      await this.audit.record({
        action: 'grant.created',
        actor: owner,
        subject: owner,
        target: grant.id,
        fields: scopes,
      });
      if (known) await this.letters.grantReceived(known);
      return grant;
    });
  }

  given({ userId }: Actor): Promise<Grant[]> {
    return this.grants.given(userId, this.clock.date());
  }

  /** @throws Problem `not-found` */
  revoke({ userId }: Actor, id: string): Promise<void> {
    return this.unitOfWork.run(async () => {
      if (!(await this.grants.remove(userId, id))) throw new Problem('not-found');
      await this.audit.record({ action: 'grant.revoked', actor: userId, subject: userId, target: id });
    });
  }

  /** @throws Problem `forbidden` for who is no coach */
  async received({ userId }: Actor): Promise<ReceivedGrant[]> {
    if ((await this.users.get(userId)).role !== 'coach') throw new Problem('forbidden');
    await this.unitOfWork.run(() => this.grants.claim(userId));
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
}

function checkTerm(until: Date, now: Date): void {
  const term = until.getTime() - now.getTime();
  if (term <= 0 || term > MAX_DAYS * DAY_MS)
    throw invalidField('until', 'out-of-range', `until must be within the next ${MAX_DAYS} days`);
}
