import { Injectable } from '@nestjs/common';
import { AuditLog, type DoneBy } from '../../../kernel/audit/audit-log.js';
import { invalidField } from '../../../kernel/http/problem.js';
import { Clock } from '../../../platform/clock.js';
import { SessionsService } from '../../identity/public.js';
import { AccountLetters, Credentials, type User, UsersService } from '../../identity/public.js';
import { administrationAudit, roleAudit } from './admin.audit.js';
import { becameAdminLetter } from './admin.letters.js';

/**
 * Makes an account an admin account. Its earlier ways to sign in were not strong enough for access to all accounts, and
 * somebody else may know them, so they are removed. Everything joins the caller's unit of work, under the person's lock.
 */
@Injectable()
export class Promotion {
  constructor(
    private readonly users: UsersService,
    private readonly credentials: Credentials,
    private readonly sessions: SessionsService,
    private readonly letters: AccountLetters,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** By an admin. Mails the person a link to set a new password. @throws Problem `validation` for an unverified address */
  async promote(id: string, by: DoneBy): Promise<void> {
    const user = await this.users.get(id);
    if (user.emailVerifiedAt === null)
      throw invalidField(
        'role',
        'not-allowed',
        'The owner of this account has not confirmed its address yet',
      );
    await this.begin(user, by);
    await this.letters.send(user, becameAdminLetter, { link: this.letters.help });
  }

  /**
   * Gives the role and ends the password and all sessions. Passkeys, factors and linked providers stay if the address is
   * verified; otherwise every way to sign in is removed, because somebody else may have set it up.
   */
  async begin({ id, emailVerifiedAt }: User, { by, reason }: DoneBy = {}): Promise<void> {
    await this.users.changeRole(id, 'admin');
    await this.audit.record({ action: roleAudit.changed, actor: by, subject: id, reason, fields: ['role'] });
    await this.sessions.revokeOthers(id, null, { by, reason });
    if (emailVerifiedAt === null) await this.credentials.deleteAll(id, this.clock.date());
    else await this.users.update(id, { passwordHash: '' });
    await this.audit.record({ action: administrationAudit.renewed, actor: by, subject: id, reason });
  }
}
