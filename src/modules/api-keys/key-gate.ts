import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../../kernel/http/actor.js';
import { Problem } from '../../kernel/http/problem.js';
import { Clock } from '../../platform/clock.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { describeError, Logger } from '../../platform/logger.js';
import type { ApiKey } from './api-key.entity.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { isSecret, readKey } from './key-text.js';
import { RequestSignatures } from './request-signatures.js';

/** How exactly the last use of a key is known; more would be a write with every request. */
const NOTED_EVERY_MS = 60_000;

/** Somebody at the door. */
export interface Entry {
  readonly actor: Actor;
  /** What is left to do, and writes: for once the request was counted. @throws Problem `invalid-signature`, `unauthenticated` */
  readonly admit?: () => Promise<void>;
}

/**
 * Who comes in with an API key. The database is asked each time, by primary key: a key that was revoked, and one of an account
 * that was closed, is refused at once on every instance, and there is no cache that could say otherwise.
 */
@Injectable()
export class KeyGate {
  constructor(
    private readonly keys: ApiKeysRepository,
    private readonly signatures: RequestSignatures,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** @throws Problem `unauthenticated`, `invalid-signature` */
  async identify(text: string, request: FastifyRequest): Promise<Entry> {
    const key = await this.find(text);
    const { id, userId, scopes, signingSecret } = key;
    const signature =
      signingSecret === null ? undefined : await this.signatures.verify(id, signingSecret, request);
    return {
      // Nobody has proved anything: what asks for a fresh proof, or for a second factor, stays closed.
      actor: { userId, sessionId: id, authTime: 0, aal: 1, scopes },
      admit: async () => {
        if (signature) await this.signatures.useUp(id, signature);
        await this.noteUse(key);
      },
    };
  }

  /** Whether there is no such key, or the secret is another, shows neither in the answer nor in its time. */
  private async find(text: string): Promise<ApiKey> {
    const claimed = readKey(text);
    if (!claimed) throw new Problem('unauthenticated');
    const key = await this.keys.findUsable(claimed.id, this.clock.date());
    const isRight = isSecret(claimed.secret, key?.secretHash);
    if (!key || !isRight) throw new Problem('unauthenticated');
    return key;
  }

  /** A use that cannot be noted is no reason to refuse it. */
  private async noteUse({ id, lastUsedAt, signingSecret }: ApiKey): Promise<void> {
    const now = this.clock.date();
    const notedBefore = new Date(now.getTime() - NOTED_EVERY_MS);
    if (lastUsedAt !== null && lastUsedAt > notedBefore) return;
    try {
      const isNoted = await this.unitOfWork.run(() => this.keys.noteUse(id, now, notedBefore));
      // In a unit of its own: whoever uses a nonce waits for the row of the key, which is locked until COMMIT.
      if (isNoted && signingSecret !== null) await this.unitOfWork.run(() => this.keys.forgetNonces(id, now));
    } catch (error) {
      this.logger.warn({ event: 'key_use_not_noted', ...describeError(error) }, 'api key');
    }
  }
}
