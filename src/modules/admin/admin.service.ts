import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../kernel/audit/audit-log.js';
import type { Reason } from '../../kernel/audit/reasons.js';
import type { Actor } from '../../kernel/http/actor.js';
import { Problem } from '../../kernel/http/problem.js';
import { ChangeSequence } from '../../kernel/records/change-sequence.js';
import type { Place } from '../../kernel/records/owned-records.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { PasswordResetService } from '../auth/public.js';
import { SessionsService } from '../sessions/public.js';
import { type Role, UsersService } from '../users/public.js';
import { type Account, type AccountFilter, AccountsRepository } from './accounts.repository.js';

export interface AccountChange {
  readonly role?: Role;
  readonly disabled?: boolean;
}

/** What admins do with accounts. Each look and each change is written down where the person can read it, with its reason. */
@Injectable()
export class AdminService {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly resets: PasswordResetService,
    private readonly sequence: ChangeSequence,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
  ) {}

  list(
    { userId }: Actor,
    filter: AccountFilter,
    place: Place,
    reason: Reason,
  ): Promise<{ data: Account[]; total: number }> {
    return this.unitOfWork.run(async () => {
      const page = await this.accounts.page(filter, place);
      for (const account of page.data)
        await this.audit.record({ action: 'account.listed', actor: userId, subject: account, reason });
      return page;
    });
  }

  /** @throws Problem `not-found` */
  get({ userId }: Actor, id: string, reason: Reason): Promise<Account> {
    return this.unitOfWork.run(async () => {
      const account = await this.find(id);
      await this.audit.record({ action: 'account.read', actor: userId, subject: id, reason });
      return account;
    });
  }

  /** @throws Problem `not-found`, `last-admin` */
  change({ userId }: Actor, id: string, change: AccountChange, reason: Reason): Promise<Account> {
    return this.onAccount(id, async (before) => {
      const by = { actor: userId, subject: id, reason };
      if (change.role !== undefined && change.role !== before.role) {
        await this.users.changeRole(id, change.role);
        await this.audit.record({ action: 'role.changed', ...by, fields: ['role'] });
      }
      if (change.disabled === true && before.disabledAt === null) {
        await this.users.disable(id);
        await this.audit.record({ action: 'account.disabled', ...by });
        await this.sessions.revokeOthers(id, null, { by: userId, reason });
      }
      if (change.disabled === false && before.disabledAt !== null) {
        await this.users.enable(id);
        await this.audit.record({ action: 'account.enabled', ...by });
      }
      return this.find(id);
    });
  }

  /** Ends all sessions of an account. @throws Problem `not-found` */
  signOut({ userId }: Actor, id: string, reason: Reason): Promise<void> {
    return this.onAccount(id, () => this.sessions.revokeOthers(id, null, { by: userId, reason }));
  }

  /** Mails the person a link to set a password: nobody else sets one. @throws Problem `not-found` */
  resetPassword({ userId }: Actor, id: string, reason: Reason): Promise<void> {
    return this.onAccount(id, async ({ email }) => {
      await this.audit.record({ action: 'account.read', actor: userId, subject: id, reason });
      await this.resets.forgot(email);
    });
  }

  /** Deletes an account and all it owns. @throws Problem `not-found`, `last-admin` */
  remove({ userId }: Actor, id: string, reason: Reason): Promise<void> {
    return this.onAccount(id, async () => {
      await this.sessions.revokeOthers(id, null, { by: userId, reason });
      await this.users.remove(id, { by: userId, reason });
    });
  }

  /** Runs `work` under the person's lock. */
  private async onAccount<T>(id: string, work: (account: Account) => Promise<T>): Promise<T> {
    await this.find(id);
    return this.sequence.change(id, async () => work(await this.find(id)));
  }

  private async find(id: string): Promise<Account> {
    const account = await this.accounts.find(id);
    if (!account) throw new Problem('not-found');
    return account;
  }
}
