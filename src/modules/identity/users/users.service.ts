import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { ErrorCode } from '../../../kernel/http/errors.js';
import { AuditLog, type DoneBy } from '../../../kernel/audit/audit-log.js';
import { Events } from '../../../kernel/events/events.js';
import { Problem } from '../../../kernel/http/problem.js';
import { currentOrigin } from '../../../kernel/http/request-origin.js';
import { isGone, PersonLock } from '../../../kernel/person-lock.js';
import { Clock } from '../../../platform/clock.js';
import { isDuplicate } from '../../../platform/database/errors.js';
import { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import { AccountLetters } from './account-letters.js';
import { AddressOwned } from './address-events.js';
import { normalizeEmail } from './email.js';
import { localeOf } from './locale.js';
import { type Role, User } from './user.entity.js';
import { UsersRepository } from './users.repository.js';
import { accountAudit, emailAudit, passwordChangeAudit } from './account.audit.js';
import { accountDeletedLetter } from './account.letters.js';

/** The values of a new account; the password only as its hash. */
export type NewUser = Pick<User, 'email' | 'passwordHash'> &
  Partial<Pick<User, 'displayName' | 'locale' | 'timeZone' | 'weightUnit'>>;

@Injectable()
export class UsersService {
  constructor(
    private readonly users: UsersRepository,
    private readonly lock: PersonLock,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly audit: AuditLog,
    private readonly letters: AccountLetters,
    private readonly events: Events,
  ) {}

  /**
   * Creates the account and the sequence of its changes. Joins the caller's unit of work.
   * @throws Problem `email-taken`; the unique key decides, so two concurrent sign-ups create one account.
   */
  create(input: NewUser): Promise<User> {
    const now = this.clock.date();
    const user: User = {
      displayName: null,
      // Defaults until the person changes the profile.
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
      await this.lock.create(user.id);
      await this.audit.record({ action: accountAudit.created, actor: user, subject: user });
      return user;
    });
  }

  findByEmail(email: string): Promise<User | null> {
    return this.users.findByEmail(normalizeEmail(email));
  }

  find(id: string): Promise<User | null> {
    return this.users.find(id);
  }

  /** @throws Problem `session-revoked` when the account is gone. */
  async get(id: string): Promise<User> {
    const user = await this.users.find(id);
    if (!user) throw new Problem('session-revoked');
    return user;
  }

  /** Whether the owner proved that mail to the address reaches them. */
  isVerified(id: string): Promise<boolean> {
    return this.users.isVerified(id);
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
    await this.audit.record({ action: passwordChangeAudit.changed, actor: id, subject: id });
  }

  /** Records that the owner receives mail at the address. Joins the caller's unit of work. @throws Problem `link-expired` */
  async verifyEmail(id: string, email: string): Promise<void> {
    if (!(await this.users.verifyEmail(id, email, this.clock.date()))) throw new Problem('link-expired');
    await this.audit.record({ action: emailAudit.verified, subject: id });
    await this.events.publish(new AddressOwned(id));
  }

  /** Joins the caller's unit of work. @throws Problem `email-taken` */
  async changeEmail(id: string, email: string): Promise<void> {
    const now = this.clock.date();
    await this.events.publish(new AddressOwned(id));
    try {
      await this.users.update(id, { email, emailVerifiedAt: now, updatedAt: now });
    } catch (error) {
      throw isDuplicate(error) ? new Problem('email-taken') : error;
    }
    await this.audit.record({ action: emailAudit.changed, subject: id, fields: ['email'] });
    await this.events.publish(new AddressOwned(id));
  }

  /** Runs `work` under the person's lock with the current account; does nothing if the account was deleted. */
  async lockIfExists(id: string, work: (user: User) => Promise<void>): Promise<void> {
    try {
      await this.lock.hold(id, async () => work(await this.get(id)));
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  /**
   * Runs `work` under the person's lock if the account still has the password that was checked. The check takes so long
   * that the password can change during it.
   * @throws Problem `refusal`
   */
  lockIfPasswordUnchanged<T>(checked: User, refusal: ErrorCode, work: () => Promise<T>): Promise<T> {
    return this.lock.hold(checked.id, async () => {
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

  /** Closes the account: sign-in is refused. Joins the caller's unit of work, under the person's lock. @throws Problem `last-admin` */
  async disable(id: string): Promise<void> {
    await this.keepAnAdmin(id);
    await this.users.update(id, { disabledAt: this.clock.date() });
  }

  /** Opens a closed account. Joins the caller's unit of work. */
  async enable(id: string): Promise<void> {
    await this.users.update(id, { disabledAt: null });
  }

  /**
   * Deletes the account and, by the foreign keys, everything it owns, and notifies the owner. Under the person's lock, so that
   * no push runs at the same time.
   * @throws Problem `last-admin`
   */
  remove(id: string, { by = id, reason }: DoneBy = {}): Promise<void> {
    return this.lock.hold(id, async () => {
      await this.keepAnAdmin(id);
      await this.audit.record({ action: accountAudit.deleted, actor: by, subject: id, reason });
      await this.letters.sendLast(await this.get(id), accountDeletedLetter, { link: this.letters.home });
      await this.users.remove(id);
    });
  }

  /** Locks all admins, so that of two who remove each other at the same time one is refused. */
  private async keepAnAdmin(id: string): Promise<void> {
    const admins = await this.users.lockAdmins();
    if (admins.length === 1 && admins[0] === id) throw new Problem('last-admin');
  }

  private async insert(user: User): Promise<void> {
    try {
      await this.users.insert(user);
    } catch (error) {
      throw isDuplicate(error) ? new Problem('email-taken', { detail: TAKEN }) : error;
    }
  }
}

const TAKEN =
  'That address is taken. Sign in with POST /api/auth/login, or set a new password with POST /api/auth/forgot-password.';
