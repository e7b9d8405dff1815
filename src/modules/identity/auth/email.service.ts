import { Injectable } from '@nestjs/common';
import { Problem } from '../../../kernel/http/problem.js';
import { AccountLetters } from '../users/account-letters.js';
import { type User } from '../users/user.entity.js';
import { UsersService } from '../users/users.service.js';
import { EmailTokens, type Registration } from './email-tokens.js';
import { LinkProof, type Opener } from './link-proof.js';
import { Takeover } from './takeover.js';
import { alreadyRegisteredLetter, verifyEmailLetter } from './auth.letters.js';

const DAY_MS = 86_400_000;

/** The verification of the address of an account. */
@Injectable()
export class EmailService {
  constructor(
    private readonly users: UsersService,
    private readonly tokens: EmailTokens,
    private readonly proof: LinkProof,
    private readonly takeover: Takeover,
    private readonly letters: AccountLetters,
  ) {}

  /**
   * Mails the link that verifies the address. Joins the caller's unit of work.
   * @param registration the one that the link belongs to, if that is not the one that created the account.
   */
  async askToVerify(user: User, registration?: Registration): Promise<void> {
    const { id: userId, email } = user;
    const token = await this.tokens.issue({ userId, purpose: 'verify', email, registration });
    const link = this.letters.linkTo('verify-email', token);
    const { locale = user.locale } = registration?.profile ?? {};
    const days = this.tokens.lifetimes.verify / DAY_MS;
    await this.letters.send({ ...user, locale }, verifyEmailLetter, { link, days });
  }

  /**
   * For a sign-up with an address that has an account. While the account is unverified, a link for the new registration is
   * mailed, which replaces the one before; otherwise the owner is notified and nobody else. The account of an admin is not
   * taken over in this way, because its password must be stronger.
   */
  async registerAgain(email: string, registration: Registration): Promise<void> {
    const user = await this.users.findByEmail(email);
    if (!user) return;
    await this.users.lockIfExists(user.id, async (owner) => {
      if (owner.emailVerifiedAt !== null || owner.role === 'admin') return this.tellOwner(owner);
      if (await this.letters.hasRoomFor(owner)) await this.askToVerify(owner, registration);
    });
  }

  /** Mails the link again if the address has an account and is not verified yet. */
  async resend(email: string): Promise<void> {
    const user = await this.users.findByEmail(email);
    if (!user) return;
    await this.users.lockIfExists(user.id, async (owner) => {
      if (owner.emailVerifiedAt === null && (await this.letters.hasRoomFor(owner)))
        await this.askToVerify(owner, await this.tokens.registrationOf(owner.id));
    });
  }

  /**
   * Verifies the address. If the link belongs to a registration that came after the account was created, the account is
   * given to that person.
   * @throws Problem `link-expired`, also when the address has changed since, and as {@link LinkProof.run}
   */
  async verify(token: string, opener: Opener): Promise<void> {
    await this.proof.run(await this.tokens.find(token, 'verify'), opener, async (user) => {
      const { email, passwordHash, profile } = await this.tokens.redeem(token, 'verify');
      if (user.email !== email || user.emailVerifiedAt !== null) throw new Problem('link-expired');
      if (passwordHash === null) await this.users.verifyEmail(user.id, email);
      else await this.takeover.take(user, { passwordHash, profile: profile ?? {} });
    });
  }

  /**
   * Notifies the owner of an address that somebody wanted to use, unless many letters wait: nothing has happened to the account.
   * Joins the caller's unit of work.
   */
  async tellOwner(owner: User): Promise<void> {
    if (await this.letters.hasRoomFor(owner))
      await this.letters.send(owner, alreadyRegisteredLetter, { link: this.letters.help });
  }
}
