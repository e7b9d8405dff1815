import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { ChangeSequence } from '../../kernel/records/change-sequence.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { PasswordResetService } from '../auth/public.js';
import { normalizeEmail, UsersService } from '../users/public.js';
import { Promotion } from './promotion.js';

/** Where the first admin comes from: nobody has the role by default, and only an admin gives it. */
@Injectable()
export class FirstAdmin {
  constructor(
    private readonly users: UsersService,
    private readonly promotion: Promotion,
    private readonly resets: PasswordResetService,
    private readonly sequence: ChangeSequence,
    private readonly unitOfWork: UnitOfWork,
    private readonly config: Config,
  ) {}

  /**
   * Makes the account of this address an admin's, and the account where there is none.
   * @returns a link to set its password; undefined for a closed account, of which nothing is changed.
   */
  create(address: string): Promise<string | undefined> {
    const email = normalizeEmail(address);
    return this.unitOfWork.run(async () => {
      const { id } =
        (await this.users.findByEmail(email)) ?? (await this.users.create({ email, passwordHash: '' }));
      return this.sequence.change(id, async () => {
        const user = await this.users.get(id);
        if (user.disabledAt !== null) return undefined;
        await this.promotion.begin(user);
        return this.config.accountLink('reset-password', await this.resets.issue(user));
      });
    });
  }
}
