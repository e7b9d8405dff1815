import { Injectable } from '@nestjs/common';
import type { Actor } from '../../kernel/http/actor.js';
import { Problem } from '../../kernel/http/problem.js';
import { ChangeSequence } from '../../kernel/records/change-sequence.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { SessionsService } from '../sessions/public.js';
import { Credentials, UsersService } from '../users/public.js';
import { PasskeyNews } from './passkey-news.js';
import type { Passkey } from './passkey.entity.js';
import { PasskeysRepository } from './passkeys.repository.js';

/** The passkeys a person has. */
@Injectable()
export class PasskeysService {
  constructor(
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly credentials: Credentials,
    private readonly passkeys: PasskeysRepository,
    private readonly sequence: ChangeSequence,
    private readonly unitOfWork: UnitOfWork,
    private readonly news: PasskeyNews,
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

  /** Takes one away, and ends every other session: some may have been opened with it. @throws Problem `not-found`, `last-credential` */
  remove({ userId, sessionId }: Actor, id: string): Promise<void> {
    return this.sequence.change(userId, async () => {
      const passkey = await this.one(userId, id);
      if ((await this.credentials.waysIn(userId)) < 2) throw new Problem('last-credential');
      await this.passkeys.remove(userId, id);
      await this.sessions.revokeOthers(userId, sessionId);
      await this.news.removed(await this.users.get(userId), passkey);
    });
  }

  private async one(userId: string, id: string): Promise<Passkey> {
    const passkey = await this.passkeys.find(userId, id);
    if (!passkey) throw new Problem('not-found');
    return passkey;
  }
}
