import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { atEvenPace } from '../../kernel/http/even-pace.js';
import { settled } from '../../kernel/http/decision.js';
import { Problem } from '../../kernel/http/problem.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { SignIns } from '../factors/public.js';
import type { Device, SignedInDto } from '../sessions/public.js';
import { type NewUser, normalizeEmail, type User, UsersService } from '../users/public.js';
import { EmailService } from './email.service.js';
import { MailLimits } from './mail-limits.js';
import { checkPassword, Passwords } from './passwords.js';

/** What a person tells of themselves at sign-up. */
export type ProfileInput = Omit<NewUser, 'passwordHash'>;

/** Longer than making an account takes: whether one was made does not show in the time of the answer. */
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
   * Makes the account and mails the link that shows whose address it is.
   * @returns the tokens of the first session; undefined where an account is of use only once the link was followed.
   * @throws Problem `validation` for a weak password, `email-taken` where the answer may tell so
   */
  async register(profile: ProfileInput, password: string, device: Device): Promise<SignedInDto | undefined> {
    checkPassword(password, { email: normalizeEmail(profile.email), role: 'user' }, 'password');
    const mails = await this.limits.allows('sign-up', profile.email, device.ip ?? 'unknown');
    if (this.config.requiresVerifiedEmail) {
      await atEvenPace(PACE_MS, () => this.apply(profile, password, mails));
      return undefined;
    }
    const passwordHash = await this.passwords.hash(password);
    const decided = await this.unitOfWork.run(async () => {
      const user = await this.create({ ...profile, passwordHash }, mails);
      return this.signIns.open(user.id, device, 1);
    });
    return settled(decided);
  }

  /** Of an address that is taken its owner hears, and the caller does not. */
  private async apply(profile: ProfileInput, password: string, mails: boolean): Promise<void> {
    const passwordHash = await this.passwords.hash(password);
    try {
      await this.unitOfWork.run(() => this.create({ ...profile, passwordHash }, mails));
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'email-taken') throw error;
      if (mails) await this.emails.tellOwner(normalizeEmail(profile.email));
    }
  }

  /** Without a mail where the limit of mails is reached: the link can be asked for later. */
  private async create(account: NewUser, mails: boolean): Promise<User> {
    const user = await this.users.create(account);
    if (mails) await this.emails.askToVerify(user);
    return user;
  }
}
