import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../kernel/audit/audit-log.js';
import { ChangeSequence } from '../../kernel/records/change-sequence.js';
import { EmailService, Takeover } from '../auth/public.js';
import { AccountLetters, type User, UsersService } from '../users/public.js';
import { type ExternalIdentity, type ProviderName, providerTitles } from '../providers/public.js';
import { Links } from './links.js';
import { LookAgain } from './races.js';

/** Whose account it is, or why nobody gets in: a result, so that what is written down about it is committed. */
export type Admitted = { readonly userId: string } | { readonly refused: 'email-required' } | Refused;

/** Somebody has the address, and may be somebody else. */
export interface Refused {
  readonly refused: 'link-required';
  readonly owner: User;
  readonly provider: ProviderName;
}

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
    private readonly audit: AuditLog,
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
      await this.audit.record({ action: 'identity.refused', subject: owner });
      return { refused: 'link-required', owner, provider: identity.provider };
    }
    if (isUnclaimed) await this.takeover.take(owner);
    await this.links.add(owner.id, identity);
    await (isUnclaimed ? this.letters.accountTaken(owner, title) : this.letters.identityLinked(owner, title));
    return { userId: owner.id };
  }
}
