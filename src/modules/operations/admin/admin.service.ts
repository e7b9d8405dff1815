import { Injectable } from '@nestjs/common';
import { AuditLog, type DoneBy } from '../../../kernel/audit/audit-log.js';
import type { Reason } from '../../../kernel/audit/reasons.js';
import type { Actor } from '../../../kernel/http/actor.js';
import { Problem } from '../../../kernel/http/problem.js';
import { PersonLock } from '../../../kernel/person-lock.js';
import type { Listing, Place } from '../../../kernel/http/paging.js';
import { SessionsService } from '../../identity/public.js';
import { type Role, UsersService } from '../../identity/public.js';
import { type Account, type AccountFilter, AccountsRepository } from './accounts.repository.js';
import { Promotion } from './promotion.js';
import { administrationAudit, roleAudit } from './admin.audit.js';

export interface AccountChange {
  readonly role?: Role;
  readonly disabled?: boolean;
}

/** Operations of admins on accounts. Each view and each change is recorded with its reason where the owner can read it. */
@Injectable()
export class AdminService {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly promotion: Promotion,
    private readonly lock: PersonLock,
    private readonly audit: AuditLog,
  ) {}

  /** Records a view of each account that is shown, or one entry for a page that shows none. */
  async list(
    { userId }: Actor,
    filter: AccountFilter,
    place: Place,
    reason: Reason,
  ): Promise<Listing<Account>> {
    const page = await this.accounts.page(filter, place);
    const shown = page.data.length > 0 ? page.data : [undefined];
    await this.audit.recordAll(
      shown.map((subject) => ({ action: administrationAudit.listed, actor: userId, subject, reason })),
    );
    return page;
  }

  /** @throws Problem `not-found` */
  async get({ userId }: Actor, id: string, reason: Reason): Promise<Account> {
    const account = await this.find(id);
    await this.audit.record({ action: administrationAudit.read, actor: userId, subject: account, reason });
    return account;
  }

  /** A request that changes nothing is recorded as a view. @throws Problem `not-found`, `validation`, `last-admin` */
  change({ userId }: Actor, id: string, { role, disabled }: AccountChange, reason: Reason): Promise<Account> {
    const by = { by: userId, reason };
    return this.onAccount(id, async (before) => {
      const isOther = role !== undefined && role !== before.role;
      const isTurned = disabled !== undefined && disabled === (before.disabledAt === null);
      if (isOther) await this.setRole(id, role, by);
      if (isTurned) await this.setClosed(id, disabled, by);
      if (!isOther && !isTurned)
        await this.audit.record({ action: administrationAudit.read, actor: userId, subject: id, reason });
      return this.find(id);
    });
  }

  /** Ends all sessions of an account. @throws Problem `not-found` */
  signOut({ userId }: Actor, id: string, reason: Reason): Promise<void> {
    return this.onAccount(id, () => this.sessions.revokeOthers(id, null, { by: userId, reason }));
  }

  /** Deletes an account and everything it owns. @throws Problem `not-found`, `last-admin` */
  remove({ userId }: Actor, id: string, reason: Reason): Promise<void> {
    return this.onAccount(id, async () => {
      await this.sessions.revokeOthers(id, null, { by: userId, reason });
      await this.users.remove(id, { by: userId, reason });
    });
  }

  private async setRole(id: string, role: Role, { by, reason }: DoneBy): Promise<void> {
    if (role === 'admin') return this.promotion.promote(id, { by, reason });
    await this.users.changeRole(id, role);
    await this.audit.record({ action: roleAudit.changed, actor: by, subject: id, reason, fields: ['role'] });
  }

  private async setClosed(id: string, isClosed: boolean, { by, reason }: DoneBy): Promise<void> {
    await (isClosed ? this.users.disable(id) : this.users.enable(id));
    const action = isClosed ? administrationAudit.disabled : administrationAudit.enabled;
    await this.audit.record({ action, actor: by, subject: id, reason });
    if (isClosed) await this.sessions.revokeOthers(id, null, { by, reason });
  }

  /** Runs `work` under the person's lock. */
  private async onAccount<T>(id: string, work: (account: Account) => Promise<T>): Promise<T> {
    await this.find(id);
    return this.lock.hold(id, async () => work(await this.find(id)));
  }

  private async find(id: string): Promise<Account> {
    const account = await this.accounts.find(id);
    if (!account) throw new Problem('not-found');
    return account;
  }
}
