import { Injectable } from '@nestjs/common';
import { AuditLog, type DoneBy } from '../../kernel/audit/audit-log.js';
import { invalidField } from '../../kernel/http/problem.js';
import { Clock } from '../../platform/clock.js';
import { SessionsService } from '../sessions/public.js';
import { AccountLetters, Credentials, type User, UsersService } from '../users/public.js';

/**
 * Whoever becomes an admin begins anew: what opened an account until then was never asked to be good enough for the accounts
 * of everybody, and somebody else may have it. All joins the caller's unit of work, under the person's lock.
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

  /** By an admin: the person is mailed how to go on. @throws Problem `validation` while nobody has shown to own the address */
  async promote(id: string, by: DoneBy): Promise<void> {
    const user = await this.users.get(id);
    if (user.emailVerifiedAt === null)
      throw invalidField(
        'role',
        'not-allowed',
        'The owner of this account has not confirmed its address yet',
      );
    await this.begin(user, by);
    await this.letters.becameAdmin(user);
  }

  /**
   * Gives the role, and ends the password and all sessions. Passkeys, factors and linked providers stay with who has shown to
   * own the address; of an account where nobody has, all that lets anybody in goes.
   */
  async begin({ id, emailVerifiedAt }: User, { by, reason }: DoneBy = {}): Promise<void> {
    await this.users.changeRole(id, 'admin');
    await this.audit.record({ action: 'role.changed', actor: by, subject: id, reason, fields: ['role'] });
    await this.sessions.revokeOthers(id, null, { by, reason });
    if (emailVerifiedAt === null) await this.credentials.wipe(id, this.clock.date());
    else await this.users.update(id, { passwordHash: '' });
    await this.audit.record({ action: 'account.renewed', actor: by, subject: id, reason });
  }
}
