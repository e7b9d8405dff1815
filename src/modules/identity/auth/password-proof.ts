import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../../kernel/audit/audit-log.js';
import type { Actor } from '../../../kernel/http/actor.js';
import { atEvenPace } from '../../../kernel/http/even-pace.js';
import { Problem } from '../../../kernel/http/problem.js';
import { addressKey, TooManyAttempts } from '../../../kernel/throttle/counters.js';
import { type User } from '../users/user.entity.js';
import { UsersService } from '../users/users.service.js';
import type { EmailToken } from './email-token.entity.js';
import { LoginLimits, type Trier } from './login-limits.js';
import { Passwords } from './passwords.js';
import { sessionAudit } from '../sessions/sessions.audit.js';
import { type Device, SessionsService } from '../sessions/sessions.service.js';
import { loginAudit, passwordAudit } from './auth.audit.js';

/** Several times the duration of the statements that an entry needs. */
const PACE_MS = 25;

/** Checks passwords. Every check goes through here, so that the limits and the audit log always apply. */
@Injectable()
export class PasswordProof {
  constructor(
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly passwords: Passwords,
    private readonly limits: LoginLimits,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Finds the account with this address and password.
   * @param account the normalised address.
   * @throws Problem `invalid-credentials`, `too-many-attempts`
   */
  async ofAddress(account: string, password: string, { deviceId, ip }: Device): Promise<User> {
    const user = await this.users.findByEmail(account);
    const device = await this.sessions.knownDevice(user?.id, deviceId);
    const trier = { account, address: ip ?? 'unknown', device };
    const right = await this.isRight(user ?? undefined, trier, password);
    if (right && user) return user;
    // Also for an unknown address, and at a constant pace, because the first refusal of a window takes longer than the next. So
    // the time of the answer tells neither whether there is an account nor whether somebody else has just tried it.
    await atEvenPace(PACE_MS, () =>
      this.audit.refuse({
        action: sessionAudit.refused,
        subject: user ?? undefined,
        stranger: addressKey(account),
      }),
    );
    throw new Problem('invalid-credentials');
  }

  /** Checks the password of the signed-in person again. @throws Problem `password-incorrect`, `too-many-attempts` */
  async of({ userId }: Actor, password: string): Promise<User> {
    const user = await this.users.get(userId);
    if (await this.isRight(user, { session: userId }, password)) return user;
    await this.audit.refuse({ action: passwordAudit.refused, actor: user, subject: user });
    throw new Problem('password-incorrect');
  }

  /** Checks the password that belongs to a mailed link. @throws Problem `password-incorrect`, `too-many-attempts` */
  async ofLink(user: User, link: EmailToken, password: string, address: string): Promise<void> {
    const passwordHash = link.passwordHash ?? user.passwordHash;
    if (await this.isRight({ ...user, passwordHash }, { link: link.tokenHash, address }, password)) return;
    await this.audit.refuse({ action: passwordAudit.refused, subject: user });
    throw new Problem('password-incorrect');
  }

  private async isRight(user: User | undefined, trier: Trier, password: string): Promise<boolean> {
    try {
      return await this.limits.attempt(trier, () => this.passwords.matches(password, user?.passwordHash));
    } catch (error) {
      if (error instanceof TooManyAttempts && error.isFirst)
        await this.audit.record({ action: loginAudit.limited, subject: user });
      throw error;
    }
  }
}
