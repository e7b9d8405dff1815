import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import passport from 'passport';
import { Authenticator } from '../../../kernel/access/authenticator.js';
import { bearerToken, type Credentials, type Identity } from '../../../kernel/access/credentials.js';
import { Problem } from '../../../kernel/http/problem.js';
import { Clock } from '../../../platform/clock.js';
import { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import { describeError, Logger } from '../../../platform/logger.js';
import type { ApiKey } from './api-key.entity.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { isSecret, KEY_PREFIX, readKey } from './key-text.js';
import { RequestSignatures } from './request-signatures.js';

const NAME = 'api-key';
/** Accuracy of `lastUsedAt`: a finer value would need a write for every request. */
const NOTED_EVERY_MS = 60_000;

/**
 * Verifies API keys of requests. It reads the key from the database each time, by primary key, so that every instance
 * refuses a revoked key, or one of a closed account, at once.
 */
@Injectable()
export class ApiKeyStrategy extends PassportStrategy(passport.Strategy, NAME) {
  constructor(
    authenticator: Authenticator,
    private readonly keys: ApiKeysRepository,
    private readonly signatures: RequestSignatures,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    super();
    authenticator.register(NAME, this);
  }

  override authenticate(credentials: Credentials): void {
    const token = bearerToken(credentials);
    if (!token?.startsWith(KEY_PREFIX)) return this.fail();
    this.validate(credentials, token).then(
      (identity) => this.success(identity),
      (error: unknown) => this.error(error),
    );
  }

  /** @throws Problem `unauthenticated`, `invalid-signature` */
  async validate({ request, depth }: Credentials, token: string): Promise<Identity> {
    if (!request) throw new Problem('unauthenticated');
    const key = await this.find(token);
    const { id, userId, scopes, signingSecret, expiresAt } = key;
    const signature =
      signingSecret === null || depth === 'unsigned'
        ? undefined
        : await this.signatures.verify(id, signingSecret, request);
    return {
      // A key does not prove that the person is present, so it cannot do what needs a fresh proof or a second factor.
      actor: { userId, sessionId: id, authTime: 0, aal: 1, scopes },
      expiresAt: expiresAt.getTime(),
      admit: async () => {
        if (signature) await this.signatures.useUp(id, signature);
        await this.noteUse(key);
      },
    };
  }

  /** The constructor of @nestjs/passport registers the strategy here: at the application's own passport. */
  getPassportInstance(): passport.Authenticator {
    return new passport.Passport();
  }

  /** Neither the answer nor its time reveals whether the key is unknown or its secret is wrong. */
  private async find(text: string): Promise<ApiKey> {
    const claimed = readKey(text);
    if (!claimed) throw new Problem('unauthenticated');
    const key = await this.keys.findUsable(claimed.id, this.clock.date());
    const isRight = isSecret(claimed.secret, key?.secretHash);
    if (!key || !isRight) throw new Problem('unauthenticated');
    return key;
  }

  /** Failing to record a use must not refuse the request. */
  private async noteUse({ id, lastUsedAt, signingSecret }: ApiKey): Promise<void> {
    const now = this.clock.date();
    const notedBefore = new Date(now.getTime() - NOTED_EVERY_MS);
    if (lastUsedAt !== null && lastUsedAt > notedBefore) return;
    try {
      const isNoted = await this.unitOfWork.run(() => this.keys.noteUse(id, now, notedBefore));
      // In its own unit of work: requests that insert a nonce wait for the row of the key, which is locked until COMMIT.
      if (isNoted && signingSecret !== null) await this.unitOfWork.run(() => this.keys.forgetNonces(id, now));
    } catch (error) {
      this.logger.warn({ event: 'key_use_not_noted', ...describeError(error) }, 'api key');
    }
  }
}
