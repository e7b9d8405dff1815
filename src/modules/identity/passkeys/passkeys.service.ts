import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/http/actor.js';
import { Problem } from '../../../kernel/http/problem.js';
import { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { Credentials } from '../users/credentials.js';
import { UsersService } from '../users/users.service.js';
import { PasskeyNotices } from './passkey-notices.js';
import type { Passkey } from './passkey.entity.js';
import { PasskeysRepository } from './passkeys.repository.js';

/** The passkeys of a person. */
@Injectable()
export class PasskeysService {
  constructor(
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly credentials: Credentials,
    private readonly passkeys: PasskeysRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly notices: PasskeyNotices,
  ) {}

  list(userId: string): Promise<Passkey[]> {
    return this.passkeys.list(userId);
  }

  /** @throws Problem `not-found` */
  rename(userId: string, id: string, name: string): Promise<Passkey> {
    return this.unitOfWork.run(async () => {
      await this.passkeys.update(userId, id, { name });
      return this.one(userId, id);
    });
  }

  /** Removes a passkey and ends every other session, because it may have opened some. This one no longer has two factors by it. @throws Problem `not-found`, `last-credential`, `session-revoked` */
  remove(actor: Actor, id: string): Promise<void> {
    const { userId, sessionId } = actor;
    return this.sessions.whileOpen(actor, async () => {
      const passkey = await this.one(userId, id);
      if ((await this.credentials.countSignInMethods(userId)) < 2) throw new Problem('last-credential');
      await this.passkeys.remove(userId, id);
      await this.sessions.revokeOthers(userId, sessionId);
      await this.sessions.lower(userId, id);
      await this.notices.removed(await this.users.get(userId), passkey);
    });
  }

  private async one(userId: string, id: string): Promise<Passkey> {
    const passkey = await this.passkeys.find(userId, id);
    if (!passkey) throw new Problem('not-found');
    return passkey;
  }
}
