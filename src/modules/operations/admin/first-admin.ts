import { Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import { PersonLock } from '../../../kernel/person-lock.js';
import { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import { PasswordResetService } from '../../identity/public.js';
import { normalizeEmail, UsersService } from '../../identity/public.js';
import { Promotion } from './promotion.js';

/** Creates the first admin: no account has the role by default, and only an admin can give it. */
@Injectable()
export class FirstAdmin {
  constructor(
    private readonly users: UsersService,
    private readonly promotion: Promotion,
    private readonly resets: PasswordResetService,
    private readonly lock: PersonLock,
    private readonly unitOfWork: UnitOfWork,
    private readonly config: Config,
  ) {}

  /**
   * Gives the account with this address the role of an admin; creates the account if there is none.
   * @returns a link to set its password; undefined for a closed account, which is not changed.
   */
  create(address: string): Promise<string | undefined> {
    const email = normalizeEmail(address);
    return this.unitOfWork.run(async () => {
      const { id } =
        (await this.users.findByEmail(email)) ?? (await this.users.create({ email, passwordHash: '' }));
      return this.lock.hold(id, async () => {
        const user = await this.users.get(id);
        if (user.disabledAt !== null) return undefined;
        await this.promotion.begin(user);
        return this.config.accountLink('reset-password', await this.resets.issue(user));
      });
    });
  }
}
