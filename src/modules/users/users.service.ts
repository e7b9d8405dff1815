import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { ErrorCode } from '../../kernel/http/errors.js';
import { AuditLog, type DoneBy } from '../../kernel/audit/audit-log.js';
import { Problem } from '../../kernel/http/problem.js';
import { currentOrigin } from '../../kernel/http/request-origin.js';
import { ChangeSequence } from '../../kernel/records/change-sequence.js';
import { Clock } from '../../platform/clock.js';
import { isDuplicate } from '../../platform/database/errors.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { AccountLetters } from './account-letters.js';
import { AddressEvents } from './address-events.js';
import { normalizeEmail } from './email.js';
import { localeOf } from './locale.js';
import { type Role, User } from './user.entity.js';
import { UsersRepository } from './users.repository.js';

/** What a person gives at sign-up, besides the password. */
export type NewUser = Pick<User, 'email' | 'passwordHash'> &
  Partial<Pick<User, 'displayName' | 'locale' | 'timeZone' | 'weightUnit'>>;

@Injectable()
export class UsersService {
  constructor(
    private readonly users: UsersRepository,
    private readonly sequence: ChangeSequence,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly audit: AuditLog,
    private readonly letters: AccountLetters,
    private readonly addresses: AddressEvents,
  ) {}

  /**
   * Makes the account and the order of its changes. Joins the caller's unit of work.
   * @throws Problem `email-taken`, decided by the unique key: two parallel sign-ups make one account.
   */
  create(input: NewUser): Promise<User> {
    const now = this.clock.date();
    const user: User = {
      displayName: null,
      // Until the profile says otherwise.
      locale: localeOf(currentOrigin()?.languages),
      timeZone: 'UTC',
      weightUnit: 'kg',
      ...input,
      email: normalizeEmail(input.email),
      emailVerifiedAt: null,
      role: 'user',
      disabledAt: null,
      id: uuidv7(),
      pseudonym: randomBytes(16).toString('hex'),
      createdAt: now,
      updatedAt: now,
    };
    return this.unitOfWork.run(async () => {
      await this.insert(user);
      await this.sequence.create(user.id);
      await this.audit.record({ action: 'account.created', actor: user, subject: user });
      return user;
    });
  }

  findByEmail(email: string): Promise<User | null> {
    return this.users.findByEmail(normalizeEmail(email));
  }

  /** @throws Problem `session-revoked` when the account is gone. */
  async get(id: string): Promise<User> {
    const user = await this.users.find(id);
    if (!user) throw new Problem('session-revoked');
    return user;
  }

  update(id: string, changes: Partial<User>): Promise<User> {
    return this.unitOfWork.run(async () => {
      await this.users.update(id, { ...changes, updatedAt: this.clock.date() });
      return this.get(id);
    });
  }

  /** Joins the caller's unit of work. */
  async changePassword(id: string, passwordHash: string): Promise<void> {
    await this.users.update(id, { passwordHash, updatedAt: this.clock.date() });
    await this.audit.record({ action: 'password.changed', actor: id, subject: id });
  }

  /** Notes that the address is read by its owner. Joins the caller's unit of work. @throws Problem `link-expired` */
  async verifyEmail(id: string, email: string): Promise<void> {
    if (!(await this.users.verifyEmail(id, email, this.clock.date()))) throw new Problem('link-expired');
    await this.audit.record({ action: 'email.verified', subject: id });
    await this.addresses.owned(id);
  }

  /** Joins the caller's unit of work. @throws Problem `email-taken` */
  async changeEmail(id: string, email: string): Promise<void> {
    const now = this.clock.date();
    await this.addresses.owned(id);
    try {
      await this.users.update(id, { email, emailVerifiedAt: now, updatedAt: now });
    } catch (error) {
      throw isDuplicate(error) ? new Problem('email-taken') : error;
    }
    await this.audit.record({ action: 'email.changed', subject: id, fields: ['email'] });
    await this.addresses.owned(id);
  }

  /** Runs `work` under the person's lock, with the account as it is then; when it is gone, nothing happens. */
  async whileThere(id: string, work: (user: User) => Promise<void>): Promise<void> {
    try {
      await this.sequence.change(id, async () => work(await this.get(id)));
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'session-revoked') throw error;
    }
  }

  /**
   * Runs `work` under the person's lock, unless the password that was checked is not the account's any more: the check
   * takes long enough for it to be changed meanwhile.
   * @throws Problem `refusal`
   */
  whilePasswordHolds<T>(checked: User, refusal: ErrorCode, work: () => Promise<T>): Promise<T> {
    return this.sequence.change(checked.id, async () => {
      const { passwordHash } = await this.get(checked.id);
      if (passwordHash !== checked.passwordHash) throw new Problem(refusal);
      return work();
    });
  }

  /** Joins the caller's unit of work, under the person's lock. @throws Problem `last-admin` */
  async changeRole(id: string, role: Role): Promise<void> {
    if (role !== 'admin') await this.keepAnAdmin(id);
    await this.users.update(id, { role, updatedAt: this.clock.date() });
  }

  /** Closes the account. Joins the caller's unit of work, under the person's lock. @throws Problem `last-admin` */
  async disable(id: string): Promise<void> {
    await this.keepAnAdmin(id);
    await this.users.update(id, { disabledAt: this.clock.date() });
  }

  /** Opens it again. Joins the caller's unit of work. */
  async enable(id: string): Promise<void> {
    await this.users.update(id, { disabledAt: null });
  }

  /**
   * Removes the account and, by the foreign keys, all it owns; the owner is told. Under the person's lock, so that no push is
   * under way.
   * @throws Problem `last-admin`
   */
  remove(id: string, { by = id, reason }: DoneBy = {}): Promise<void> {
    return this.sequence.change(id, async () => {
      await this.keepAnAdmin(id);
      await this.audit.record({ action: 'account.deleted', actor: by, subject: id, reason });
      await this.letters.accountDeleted(await this.get(id));
      await this.users.remove(id);
    });
  }

  /** All admins are locked while one of them goes: of two who would take the role from each other, one is refused. */
  private async keepAnAdmin(id: string): Promise<void> {
    const admins = await this.users.lockAdmins();
    if (admins.length === 1 && admins[0] === id) throw new Problem('last-admin');
  }

  private async insert(user: User): Promise<void> {
    try {
      await this.users.insert(user);
    } catch (error) {
      throw isDuplicate(error) ? new Problem('email-taken') : error;
    }
  }
}
