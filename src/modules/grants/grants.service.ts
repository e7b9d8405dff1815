import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { AuditLog } from '../../kernel/audit/audit-log.js';
import type { Actor } from '../../kernel/http/actor.js';
import { invalidField, Problem } from '../../kernel/http/problem.js';
import { ChangeSequence } from '../../kernel/records/change-sequence.js';
import { Clock } from '../../platform/clock.js';
import { MailLimits } from '../auth/public.js';
import { AccountLetters, UsersService } from '../users/public.js';
import type { Grant } from './grant.entity.js';
import { GrantsRepository } from './grants.repository.js';

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

/** Whom a person lets read. */
@Injectable()
export class GrantsService {
  constructor(
    private readonly grants: GrantsRepository,
    private readonly users: UsersService,
    private readonly letters: AccountLetters,
    private readonly limits: MailLimits,
    private readonly sequence: ChangeSequence,
    private readonly clock: Clock,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Lets whoever has the address read. The result tells nothing about who that is: a grant for an address without an account
   * waits for one that shows to own it.
   * @param address where the person is: mail is limited, and grants beyond that are made without a word.
   * @throws Problem `validation`, `too-many-grants`
   */
  async create({ userId }: Actor, { email, scopes, until }: GrantInput, address: string): Promise<Grant> {
    const now = this.clock.date();
    const expiresAt = until ?? new Date(now.getTime() + USUAL_DAYS * DAY_MS);
    checkTerm(expiresAt, now);
    const isTold = await this.limits.allows('grant', email, address);
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
      if (known && isTold) await this.letters.grantReceived(known);
      return grant;
    });
  }

  given({ userId }: Actor): Promise<Grant[]> {
    return this.grants.given(userId, this.clock.date());
  }

  /** @throws Problem `not-found` */
  revoke({ userId }: Actor, id: string): Promise<void> {
    return this.sequence.change(userId, async () => {
      if (!(await this.grants.remove(userId, id))) throw new Problem('not-found');
      await this.audit.record({ action: 'grant.revoked', actor: userId, subject: userId, target: id });
    });
  }
}

function checkTerm(until: Date, now: Date): void {
  const term = until.getTime() - now.getTime();
  if (term <= 0 || term > MAX_DAYS * DAY_MS)
    throw invalidField('until', 'out-of-range', `until must be within the next ${MAX_DAYS} days`);
}
