import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/http/actor.js';
import { AuditLog } from '../../../kernel/audit/audit-log.js';
import { Problem } from '../../../kernel/http/problem.js';
import { AccountLetters } from '../users/account-letters.js';
import { Credentials } from '../users/credentials.js';
import { UsersService } from '../users/users.service.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { providerTitles } from '../providers/provider.js';
import { IdentitiesRepository } from './identities.repository.js';
import type { Identity } from './identity.entity.js';
import { identityAudit } from './identities.audit.js';
import { identityUnlinkedLetter } from './identities.letters.js';

/** The provider accounts that can sign in to an account. */
@Injectable()
export class IdentitiesService {
  constructor(
    private readonly identities: IdentitiesRepository,
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly credentials: Credentials,
    private readonly letters: AccountLetters,
    private readonly audit: AuditLog,
  ) {}

  list(userId: string): Promise<Identity[]> {
    return this.identities.list(userId);
  }

  /**
   * Unlinks an identity and ends every other session, because it may have opened some of them. Under the person's lock, so
   * that concurrent requests cannot remove the last two ways to sign in.
   * @throws Problem `not-found`, `last-credential`, `session-revoked`
   */
  unlink(actor: Actor, id: string): Promise<void> {
    const { userId, sessionId } = actor;
    return this.sessions.whileOpen(actor, async () => {
      const identity = await this.identities.findOwn(userId, id);
      if (!identity) throw new Problem('not-found');
      if ((await this.credentials.countSignInMethods(userId)) < 2) throw new Problem('last-credential');
      await this.identities.remove(id);
      await this.sessions.revokeOthers(userId, sessionId);
      const user = await this.users.get(userId);
      await this.audit.record({ action: identityAudit.unlinked, actor: user, subject: user, target: id });
      await this.letters.send(user, identityUnlinkedLetter, {
        link: this.letters.help,
        provider: providerTitles[identity.provider],
      });
    });
  }
}
