import { Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import { atEvenPace } from '../../../kernel/http/even-pace.js';
import { settled } from '../../../kernel/http/decision.js';
import { Problem } from '../../../kernel/http/problem.js';
import { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import { SignIns } from '../factors/sign-ins.js';
import type { Device } from '../sessions/sessions.service.js';
import type { SignedInDto } from '../sessions/sessions.dto.js';
import { type NewUser, UsersService } from '../users/users.service.js';
import { normalizeEmail } from '../users/email.js';
import { type User } from '../users/user.entity.js';
import { EmailService } from './email.service.js';
import { MailLimits } from './mail-limits.js';
import type { AppliedDto } from './auth.dto.js';
import { checkPassword, Passwords } from './passwords.js';

/** Profile values given at sign-up. */
export type ProfileInput = Omit<NewUser, 'passwordHash'>;

/** Longer than creating an account takes, so that the response time does not reveal whether one was created. */
const PACE_MS = 250;

/** New accounts. */
@Injectable()
export class RegistrationService {
  constructor(
    private readonly users: UsersService,
    private readonly emails: EmailService,
    private readonly passwords: Passwords,
    private readonly signIns: SignIns,
    private readonly unitOfWork: UnitOfWork,
    private readonly config: Config,
    private readonly limits: MailLimits,
  ) {}

  /**
   * Creates the account and mails the link that verifies its address.
   * @returns the tokens of the first session; only the address if accounts must be verified before their first sign-in.
   * @throws Problem `validation` for a weak password, `email-taken` if the configuration allows the answer to reveal it
   */
  async register(profile: ProfileInput, password: string, device: Device): Promise<SignedInDto | AppliedDto> {
    checkPassword(password, { email: normalizeEmail(profile.email), role: 'user' }, 'password');
    const mails = await this.limits.allows('sign-up', profile.email, device.ip ?? 'unknown');
    if (this.config.requiresVerifiedEmail) {
      await atEvenPace(PACE_MS, () => this.apply(profile, password, mails));
      return { email: profile.email };
    }
    const passwordHash = await this.passwords.hash(password);
    const decided = await this.unitOfWork.run(async () => {
      const user = await this.create({ ...profile, passwordHash }, mails);
      return this.signIns.open(user.id, device, null);
    });
    return settled(decided);
  }

  /** If the address is taken, only a mail says so. Without one nothing changes: the link that was mailed last stays valid. */
  private async apply(profile: ProfileInput, password: string, mails: boolean): Promise<void> {
    const passwordHash = await this.passwords.hash(password);
    try {
      await this.unitOfWork.run(() => this.create({ ...profile, passwordHash }, mails));
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'email-taken') throw error;
      const { email, ...rest } = profile;
      if (mails) await this.emails.registerAgain(normalizeEmail(email), { passwordHash, profile: rest });
    }
  }

  /** Sends no mail if the mail limit is reached: the link can be requested later. */
  private async create(account: NewUser, mails: boolean): Promise<User> {
    const user = await this.users.create(account);
    if (mails) await this.emails.askToVerify(user);
    return user;
  }
}
