import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { AuditLog } from '../../../kernel/audit/audit-log.js';
import type { Actor } from '../../../kernel/http/actor.js';
import { invalidField, Problem } from '../../../kernel/http/problem.js';
import { CountsQuota, type QuotaUse } from '../../../kernel/quotas/quota.js';
import { Clock } from '../../../platform/clock.js';
import { MailLimits } from '../auth/mail-limits.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { AccountLetters } from '../users/account-letters.js';
import { UsersService } from '../users/users.service.js';
import type { Grant } from './grant.entity.js';
import { GrantsRepository } from './grants.repository.js';
import { grantAudit } from './grants.audit.js';
import { grantsQuota } from './grants.quotas.js';
import { grantReceivedLetter } from './grants.letters.js';

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

/** The grants that a person gives. */
@Injectable()
export class GrantsService {
  constructor(
    private readonly grants: GrantsRepository,
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly letters: AccountLetters,
    private readonly limits: MailLimits,
    private readonly clock: Clock,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Grants access to the address. The result does not reveal whether it has an account: a grant for an address without one
   * waits until an account verifies the address.
   * @param address IP address of the person, for the mail limit. When the limit is reached, grants are created without a mail.
   * @throws Problem `validation`, `too-many-grants`, `session-revoked`
   */
  async create(actor: Actor, { email, scopes, until }: GrantInput, address: string): Promise<Grant> {
    const { userId } = actor;
    const now = this.clock.date();
    const expiresAt = until ?? new Date(now.getTime() + USUAL_DAYS * DAY_MS);
    checkTerm(expiresAt, now);
    const isTold = await this.limits.allows('grant', email, address);
    return this.sessions.whileOpen(actor, async () => {
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
        action: grantAudit.created,
        actor: owner,
        subject: owner,
        target: grant.id,
        fields: scopes,
      });
      if (known && isTold && (await this.letters.hasRoomFor(known)))
        await this.letters.send(known, grantReceivedLetter, {});
      return grant;
    });
  }

  given({ userId }: Actor): Promise<Grant[]> {
    return this.grants.given(userId, this.clock.date());
  }

  @CountsQuota(grantsQuota)
  async usage(userId: string): Promise<QuotaUse> {
    return { limit: MAX_GRANTS, used: await this.grants.countGiven(userId, this.clock.date()) };
  }

  /** @throws Problem `not-found`, `session-revoked` */
  revoke(actor: Actor, id: string): Promise<void> {
    const { userId } = actor;
    return this.sessions.whileOpen(actor, async () => {
      if (!(await this.grants.remove(userId, id))) throw new Problem('not-found');
      await this.audit.record({ action: grantAudit.revoked, actor: userId, subject: userId, target: id });
    });
  }
}

function checkTerm(until: Date, now: Date): void {
  const term = until.getTime() - now.getTime();
  if (term <= 0 || term > MAX_DAYS * DAY_MS)
    throw invalidField('until', 'out-of-range', `until must be within the next ${MAX_DAYS} days`);
}
