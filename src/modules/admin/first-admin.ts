import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { AuditLog } from '../../kernel/audit/audit-log.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { PasswordResetService } from '../auth/public.js';
import { normalizeEmail, UsersService } from '../users/public.js';

/** Where the first admin comes from: nobody has the role by default, and only an admin gives it. */
@Injectable()
export class FirstAdmin {
  constructor(
    private readonly users: UsersService,
    private readonly resets: PasswordResetService,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly config: Config,
  ) {}

  /** Makes the account of this address an admin's, and the account where there is none. @returns a link to set its password. */
  create(address: string): Promise<string> {
    const email = normalizeEmail(address);
    return this.unitOfWork.run(async () => {
      const user =
        (await this.users.findByEmail(email)) ?? (await this.users.create({ email, passwordHash: '' }));
      await this.users.changeRole(user.id, 'admin');
      await this.audit.record({ action: 'role.changed', subject: user, fields: ['role'] });
      return this.config.accountLink('reset-password', await this.resets.issue(user));
    });
  }
}
