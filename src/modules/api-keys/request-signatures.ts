import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../../kernel/http/problem.js';
import { Clock } from '../../platform/clock.js';
import { isDuplicate, isMissingParent } from '../../platform/database/errors.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import type { SealedColumn } from '../../platform/secrets/resealing.js';
import { BrokenSealError, SecretBox } from '../../platform/secrets/secret-box.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { type Signature, type SignedRequest, TOLERANCE_MS, verifySignature } from './http-signature.js';

const PURPOSE = 'api key signatures';

export const SEALED_SIGNING_SECRETS: SealedColumn = {
  table: 'api_keys',
  id: 'id',
  column: 'signing_secret',
  purpose: PURPOSE,
};

/** The signatures of requests whose key demands one: genuine, and each used once. */
@Injectable()
export class RequestSignatures {
  constructor(
    private readonly keys: ApiKeysRepository,
    private readonly secrets: SecretBox,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /** A signing secret as it is kept; it must be read back, so a hash would not do. */
  seal(secret: string, keyId: string): string {
    return this.secrets.seal(PURPOSE, secret, keyId);
  }

  /**
   * Of a signature that comes again whoever sends it is not the owner, and must not use up what the owner may still ask; of
   * two at once {@link useUp} decides.
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
    // Twice as long as it is valid: an instance whose clock runs ahead must not forget it too early.
    const expiresAt = new Date(created + 2 * TOLERANCE_MS);
    try {
      // The insertion decides: of two requests with one nonce, to whichever instance, one passes.
      await this.unitOfWork.run(() => this.keys.useUp({ keyId, nonce, expiresAt }));
    } catch (error) {
      if (isDuplicate(error)) throw reused();
      throw isMissingParent(error) ? new Problem('unauthenticated') : error;
    }
  }

  /** @throws Problem `unauthenticated` when `JWT_SECRET` has changed since: that ends these keys, as it ends sessions. */
  private open(sealed: string, keyId: string): string {
    try {
      return this.secrets.open(PURPOSE, sealed, keyId);
    } catch (error) {
      throw error instanceof BrokenSealError ? new Problem('unauthenticated') : error;
    }
  }
}

const reused = (): Problem => new Problem('invalid-signature', { detail: 'The nonce was used already.' });

/** Of a body without Content-Digest the bytes are not kept; it is refused because nothing covers it. */
const signedPartOf = ({ method, raw, body, rawBody }: FastifyRequest): SignedRequest => ({
  method,
  target: raw.url ?? '',
  fields: raw.headersDistinct,
  body: rawBody ?? (body === undefined ? undefined : Buffer.alloc(0)),
});
