import { Injectable } from '@nestjs/common';
import type { ErrorCode } from '../../kernel/http/errors.js';
import { ChangeSequence } from '../../kernel/records/change-sequence.js';
import { EmailService, Takeover } from '../auth/public.js';
import { AccountLetters, type User, UsersService } from '../users/public.js';
import { type ExternalIdentity, providerTitles } from '../providers/public.js';
import { Links } from './links.js';
import { LookAgain } from './races.js';
import { Refusals } from './refusals.js';

/** Whose account it is, or why nobody gets in: a result, so that the letter to the owner commits with it. */
export type Admitted =
  { readonly userId: string } | { readonly refused: Extract<ErrorCode, 'link-required' | 'email-required'> };

/** Whom somebody gets in as that a provider has vouched for. Everything joins the caller's unit of work. */
@Injectable()
export class Admission {
  constructor(
    private readonly links: Links,
    private readonly users: UsersService,
    private readonly emails: EmailService,
    private readonly letters: AccountLetters,
    private readonly takeover: Takeover,
    private readonly sequence: ChangeSequence,
    private readonly refusals: Refusals,
  ) {}

  /** @throws LookAgain when somebody has changed meanwhile what was decided by */
  async admit(identity: ExternalIdentity): Promise<Admitted> {
    const known = await this.links.find(identity);
    if (known)
      return this.sequence.change(known.userId, async () => {
        if (!(await this.links.use(known, identity))) throw new LookAgain();
        return { userId: known.userId };
      });
    const { email } = identity;
    if (email === null) return { refused: 'email-required' };
    const owner = await this.users.findByEmail(email);
    if (!owner) return this.welcome({ ...identity, email });
    // Under that person's lock, with the account as it is then.
    return this.sequence.change(owner.id, async () => {
      const current = await this.users.get(owner.id);
      if (current.email !== email || (await this.links.find(identity))) throw new LookAgain();
      return this.meet(current, identity);
    });
  }

  /** Nobody has the address. @throws Problem `email-taken`, a duplicate-key error when two arrive at once */
  private async welcome(identity: ExternalIdentity & { email: string }): Promise<Admitted> {
    const user = await this.users.create({ email: identity.email, passwordHash: '' });
    await this.links.add(user.id, identity);
    if (identity.isEmailVerified) await this.users.verifyEmail(user.id, user.email);
    else await this.emails.askToVerify(user);
    return { userId: user.id };
  }

  /**
   * Somebody has the address. That a provider says so too makes nobody that person: only where it has seen who reads mail
   * there, and where it gives the address out itself, or nobody else has shown to read it.
   */
  private async meet(owner: User, identity: ExternalIdentity): Promise<Admitted> {
    const title = providerTitles[identity.provider];
    const isUnclaimed = owner.emailVerifiedAt === null;
    if (!identity.isEmailVerified || !(isUnclaimed || identity.isAuthoritative)) {
      await this.refusals.tell(owner, title);
      return { refused: 'link-required' };
    }
    if (isUnclaimed) await this.takeover.take(owner);
    await this.links.add(owner.id, identity);
    await (isUnclaimed ? this.letters.accountTaken(owner, title) : this.letters.identityLinked(owner, title));
    return { userId: owner.id };
  }
}
