import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { MoreThan, Repository } from 'typeorm';
import { Config } from '../../../config/config.js';
import { Problem } from '../../../kernel/http/problem.js';
import { Clock } from '../../../platform/clock.js';
import type { UpdateUserDto } from '../users/users.dto.js';
import { EmailToken } from './email-token.entity.js';
import { digest, randomToken } from '../../../platform/random-token.js';

const DAY_MS = 86_400_000;

export type EmailPurpose = 'verify' | 'change' | 'reset';

/** A registration of an address whose account is unverified. It takes effect when its link is confirmed. */
export interface Registration {
  readonly passwordHash: string;
  readonly profile: UpdateUserDto;
}

export interface NewEmailToken {
  readonly userId: string;
  readonly purpose: EmailPurpose;
  readonly email: string;
  /** The session that requests it. */
  readonly sessionId?: string;
  /** The registration to which the link belongs, if that is not the one that created the account. */
  readonly registration?: Registration | undefined;
}

/** Tokens in mailed links: each works once, and only the newest of its purpose. */
@Injectable()
export class EmailTokens {
  /** How long a link works, in milliseconds. */
  readonly lifetimes: Readonly<Record<EmailPurpose, number>>;

  constructor(
    @InjectRepository(EmailToken) private readonly tokens: Repository<EmailToken>,
    private readonly clock: Clock,
    config: Config,
  ) {
    this.lifetimes = { verify: 3 * DAY_MS, change: DAY_MS, reset: config.env.PASSWORD_RESET_TTL };
  }

  /** Creates a token and ends the earlier ones. Joins the caller's unit of work. @returns the token, which is not stored. */
  async issue({ registration, ...asked }: NewEmailToken): Promise<string> {
    const token = randomToken();
    const createdAt = this.clock.date();
    await this.endAll(asked.userId, asked.purpose);
    await this.tokens.insert({
      sessionId: null,
      passwordHash: null,
      profile: null,
      ...asked,
      ...registration,
      tokenHash: digest(token),
      createdAt,
      expiresAt: new Date(createdAt.getTime() + this.lifetimes[asked.purpose]),
    });
    return token;
  }

  /** Reads a token without redeeming it. @throws Problem `link-expired` as {@link redeem} */
  async find(token: string, purpose: EmailPurpose): Promise<EmailToken> {
    const found = await this.tokens.findOneBy(this.usable({ tokenHash: digest(token), purpose }));
    if (!found) throw new Problem('link-expired');
    return found;
  }

  /** The registration that the newest link to verify the address belongs to, if that is not the account's own. */
  async registrationOf(userId: string): Promise<Registration | undefined> {
    const found = await this.tokens.findOneBy(this.usable({ userId, purpose: 'verify' }));
    if (!found || found.passwordHash === null) return undefined;
    return { passwordHash: found.passwordHash, profile: found.profile ?? {} };
  }

  /**
   * Redeems a token: of two concurrent attempts one succeeds. Joins the caller's unit of work.
   * @throws Problem `link-expired` when it is used, replaced, too old or unknown.
   */
  async redeem(token: string, purpose: EmailPurpose): Promise<EmailToken> {
    const tokenHash = digest(token);
    const found = await this.tokens.findOneBy(this.usable({ tokenHash, purpose }));
    // The deletion decides: it waits for a concurrent deletion of the row and then finds it gone.
    const { affected } = await this.tokens.delete({ tokenHash });
    if (!found || affected !== 1) throw new Problem('link-expired');
    return found;
  }

  async endAll(userId: string, purpose: EmailPurpose): Promise<void> {
    await this.tokens.delete({ userId, purpose });
  }

  private usable(where: { tokenHash?: string; userId?: string; purpose: EmailPurpose }) {
    return { ...where, expiresAt: MoreThan(this.clock.date()) };
  }
}
