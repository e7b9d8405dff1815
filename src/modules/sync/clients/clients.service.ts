import { Injectable } from '@nestjs/common';
import { Problem } from '../../../kernel/http/problem.js';
import { PersonLock } from '../../../kernel/person-lock.js';
import { SyncClients } from '../../../records/write/sync-clients.js';
import { MutationLog } from '../push/mutation-log.js';

/** The devices that a person syncs with. */
@Injectable()
export class ClientsService {
  constructor(
    private readonly clients: SyncClients,
    private readonly log: MutationLog,
    private readonly lock: PersonLock,
  ) {}

  /**
   * Removes a device together with the results of its pushes. They belong together: `last_client_seq` and the results decide
   * whether a mutation was sent before, and results without it would collide with those of its next push.
   * @throws Problem `not-found`
   */
  remove(userId: string, clientId: string): Promise<void> {
    // Under the lock, so that no push of the device is applied in between.
    return this.lock.hold(userId, async () => {
      if ((await this.clients.remove(userId, [clientId])) === 0) throw new Problem('not-found');
      await this.log.remove(userId, clientId);
    });
  }
}
