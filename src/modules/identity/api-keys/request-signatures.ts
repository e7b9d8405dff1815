import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../../../kernel/http/problem.js';
import { Clock } from '../../../platform/clock.js';
import { isDuplicate, isMissingParent } from '../../../platform/database/errors.js';
import { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import type { SealedColumn } from '../../../platform/secrets/resealing.js';
import { BrokenSealError, SecretBox } from '../../../platform/secrets/secret-box.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { type Signature, type SignedRequest, TOLERANCE_MS, verifySignature } from './http-signature.js';

const PURPOSE = 'api key signatures';

export const SEALED_SIGNING_SECRETS: SealedColumn = {
  table: 'api_keys',
  id: 'id',
  column: 'signing_secret',
  purpose: PURPOSE,
};

/** Verifies the signatures of requests whose key requires one, and accepts each only once. */
@Injectable()
export class RequestSignatures {
  constructor(
    private readonly keys: ApiKeysRepository,
    private readonly secrets: SecretBox,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /** Encrypts a signing secret for storage. A hash is not enough, because verification needs the secret. */
  seal(secret: string, keyId: string): string {
    return this.secrets.seal(PURPOSE, secret, keyId);
  }

  /**
   * A replayed signature does not come from the owner and must not consume the owner's rate limit, so it is refused here;
   * {@link useUp} decides between concurrent uses.
   * @throws Problem `invalid-signature`, `unauthenticated`
   */
  async verify(keyId: string, sealed: string, request: FastifyRequest): Promise<Signature> {
    const secret = this.open(sealed, keyId);
    const signature = verifySignature(signedPartOf(request), { keyId, secret, now: this.clock.now() });
    if (await this.keys.wasUsed(keyId, signature.nonce)) throw reused();
    return signature;
  }

  /** @throws Problem `invalid-signature` for one that was used */
  async useUp(keyId: string, { nonce, created }: Signature): Promise<void> {
    // Twice the validity, so that an instance whose clock is ahead does not delete the nonce too early.
    const expiresAt = new Date(created + 2 * TOLERANCE_MS);
    try {
      // The insert decides: of two requests with one nonce, on any instances, one succeeds.
      await this.unitOfWork.run(() => this.keys.useUp({ keyId, nonce, expiresAt }));
    } catch (error) {
      if (isDuplicate(error)) throw reused();
      throw isMissingParent(error) ? new Problem('unauthenticated') : error;
    }
  }

  /** @throws Problem `unauthenticated` after a change of `JWT_SECRET`, which invalidates these keys like sessions. */
  private open(sealed: string, keyId: string): string {
    try {
      return this.secrets.open(PURPOSE, sealed, keyId);
    } catch (error) {
      throw error instanceof BrokenSealError ? new Problem('unauthenticated') : error;
    }
  }
}

const reused = (): Problem => new Problem('invalid-signature', { detail: 'The nonce was used already.' });

/** A body without Content-Digest is not kept: such a request is refused because no signature covers its body. */
const signedPartOf = ({ method, raw, body, rawBody }: FastifyRequest): SignedRequest => ({
  method,
  target: raw.url ?? '',
  fields: raw.headersDistinct,
  body: rawBody ?? (body === undefined ? undefined : Buffer.alloc(0)),
});
