import { Injectable } from '@nestjs/common';
import type { Actor } from '../../kernel/http/actor.js';
import { AuditLog } from '../../kernel/audit/audit-log.js';
import { Problem } from '../../kernel/http/problem.js';
import { ChangeSequence } from '../../kernel/records/change-sequence.js';
import { AccountLetters, Credentials, UsersService } from '../users/public.js';
import { SessionsService } from '../sessions/public.js';
import { providerTitles } from '../providers/public.js';
import { IdentitiesRepository } from './identities.repository.js';
import type { Identity } from './identity.entity.js';

/** The accounts at providers that sign in to an account. */
@Injectable()
export class IdentitiesService {
  constructor(
    private readonly identities: IdentitiesRepository,
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly credentials: Credentials,
    private readonly letters: AccountLetters,
    private readonly sequence: ChangeSequence,
    private readonly audit: AuditLog,
  ) {}

  list(userId: string): Promise<Identity[]> {
    return this.identities.list(userId);
  }

  /**
   * Takes one away, and ends every other session: some may have been opened with it. Under the person's lock: of the last two
   * ways in, one stays.
   * @throws Problem `not-found`, `last-credential`
   */
  unlink({ userId, sessionId }: Actor, id: string): Promise<void> {
    return this.sequence.change(userId, async () => {
      const identity = await this.identities.findOwn(userId, id);
      if (!identity) throw new Problem('not-found');
      if ((await this.credentials.waysIn(userId)) < 2) throw new Problem('last-credential');
      await this.identities.remove(id);
      await this.sessions.revokeOthers(userId, sessionId);
      const user = await this.users.get(userId);
      await this.audit.record({ action: 'identity.unlinked', actor: user, subject: user, target: id });
      await this.letters.identityUnlinked(user, providerTitles[identity.provider]);
    });
  }
}
