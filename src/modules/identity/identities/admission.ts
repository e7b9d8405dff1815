import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../../kernel/audit/audit-log.js';
import { PersonLock } from '../../../kernel/person-lock.js';
import { EmailService } from '../auth/email.service.js';
import { Takeover } from '../auth/takeover.js';
import { AccountLetters } from '../users/account-letters.js';
import { type User } from '../users/user.entity.js';
import { UsersService } from '../users/users.service.js';
import { type ExternalIdentity, type ProviderName, providerTitles } from '../providers/provider.js';
import { Links } from './links.js';
import { StaleDecision } from './retry-on-race.js';
import { identityAudit } from './identities.audit.js';
import { accountTakenLetter, identityLinkedLetter } from './identities.letters.js';

/** The account, or why the sign-in is refused. A result and not an exception, so that its audit entry is committed. */
export type Admitted = { readonly userId: string } | { readonly refused: 'email-required' } | Refused;

/** Another account has the address, and its owner may be another person. */
export interface Refused {
  readonly refused: 'link-required';
  readonly owner: User;
  readonly provider: ProviderName;
}

/** The account that a verified provider identity signs in to. Everything joins the caller's unit of work. */
@Injectable()
export class Admission {
  constructor(
    private readonly links: Links,
    private readonly users: UsersService,
    private readonly emails: EmailService,
    private readonly letters: AccountLetters,
    private readonly takeover: Takeover,
    private readonly lock: PersonLock,
    private readonly audit: AuditLog,
  ) {}

  /** @throws StaleDecision when the data that the decision was based on changed meanwhile */
  async admit(identity: ExternalIdentity): Promise<Admitted> {
    const known = await this.links.find(identity);
    if (known)
      return this.lock.hold(known.userId, async () => {
        if (!(await this.links.use(known, identity))) throw new StaleDecision();
        return { userId: known.userId };
      });
    const { email } = identity;
    if (email === null) return { refused: 'email-required' };
    const owner = await this.users.findByEmail(email);
    if (!owner) return this.createAccount({ ...identity, email });
    // Under that person's lock, with the account read again.
    return this.lock.hold(owner.id, async () => {
      const current = await this.users.get(owner.id);
      if (current.email !== email || (await this.links.find(identity))) throw new StaleDecision();
      return this.signInToOwner(current, identity);
    });
  }

  /** Creates an account for an unused address. @throws Problem `email-taken`, or a duplicate-key error for concurrent requests */
  private async createAccount(identity: ExternalIdentity & { email: string }): Promise<Admitted> {
    const user = await this.users.create({ email: identity.email, passwordHash: '' });
    await this.links.add(user.id, identity);
    if (identity.isEmailVerified) await this.users.verifyEmail(user.id, user.email);
    else await this.emails.askToVerify(user);
    return { userId: user.id };
  }

  /**
   * Decides for an address that has an account. The provider must have verified the address. In addition it must issue such
   * addresses itself, or the account's address must be unverified: otherwise the account may belong to somebody else. For the
   * account of an admin only the first counts: whoever had the address before must not get the role that waits there.
   */
  private async signInToOwner(owner: User, identity: ExternalIdentity): Promise<Admitted> {
    const title = providerTitles[identity.provider];
    const isUnclaimed = owner.emailVerifiedAt === null;
    const isForAnyProvider = isUnclaimed && owner.role !== 'admin';
    if (!identity.isEmailVerified || !(isForAnyProvider || identity.isAuthoritative)) {
      await this.audit.refuse({ action: identityAudit.refused, subject: owner });
      return { refused: 'link-required', owner, provider: identity.provider };
    }
    if (isUnclaimed) await this.takeover.take(owner);
    await this.links.add(owner.id, identity);
    const letter = isUnclaimed ? accountTakenLetter : identityLinkedLetter;
    await this.letters.send(owner, letter, { link: this.letters.help, provider: title });
    return { userId: owner.id };
  }
}
