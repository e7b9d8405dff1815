import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../kernel/audit/audit-log.js';
import type { Actor } from '../../kernel/http/actor.js';
import { Problem } from '../../kernel/http/problem.js';
import { TooManyAttempts } from '../../kernel/limits/counters.js';
import { type User, UsersService } from '../users/public.js';
import { LoginLimits } from './login-limits.js';
import { Passwords } from './passwords.js';

/** The password in hand. Every way to give one goes through here: no path is without the limits, or the log. */
@Injectable()
export class PasswordProof {
  constructor(
    private readonly users: UsersService,
    private readonly passwords: Passwords,
    private readonly limits: LoginLimits,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Whose address and password these are.
   * @param account the normalised address.
   * @throws Problem `invalid-credentials`, `too-many-attempts`
   */
  async ofAddress(account: string, password: string, address: string): Promise<User> {
    const user = await this.users.findByEmail(account);
    const right = await this.isRight(user ?? undefined, account, password, address);
    if (right && user) return user;
    await this.audit.record({ action: 'session.refused', subject: user ?? undefined });
    throw new Problem('invalid-credentials');
  }

  /** The person who is signed in, once more. @throws Problem `password-incorrect`, `too-many-attempts` */
  async of({ userId }: Actor, password: string, address: string): Promise<User> {
    const user = await this.users.get(userId);
    if (await this.isRight(user, user.email, password, address)) return user;
    await this.audit.record({ action: 'password.refused', actor: user, subject: user });
    throw new Problem('password-incorrect');
  }

  private async isRight(
    user: User | undefined,
    account: string,
    password: string,
    address: string,
  ): Promise<boolean> {
    try {
      return await this.limits.attempt(account, address, () =>
        this.passwords.matches(password, user?.passwordHash),
      );
    } catch (error) {
      if (error instanceof TooManyAttempts && error.isFirst)
        await this.audit.record({ action: 'session.limited', subject: user });
      throw error;
    }
  }
}
