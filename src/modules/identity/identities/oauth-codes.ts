import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, MoreThan, Repository } from 'typeorm';
import { Clock } from '../../../platform/clock.js';
import { Database } from '../../../platform/database/database.js';
import { SecretBox } from '../../../platform/secrets/secret-box.js';
import type { ExternalIdentity } from '../providers/provider.js';
import { OAuthCode } from './oauth-code.entity.js';
import { removeExpired } from './remove-expired.js';
import { digest, randomToken } from '../../../platform/random-token.js';

/** Time to get from the browser to the app on the same phone. */
const LIFETIME_MS = 60_000;
/** Used codes are kept longer, so that a second use is recognised. */
const KEPT_MS = 10 * 60_000;
const PURPOSE = 'oauth code';

export interface NewCode {
  readonly identity: ExternalIdentity;
  readonly appChallenge: string;
  readonly linkerId: string | null;
}

/** The code and the proof with which the app exchanges it. */
export interface CodeProof {
  readonly code: string;
  /** Its S256 is the challenge that the app began with (RFC 7636, 4.6). */
  readonly verifier: string;
  /** The person who links; null for a sign-in. A code is valid only for the purpose it was issued for. */
  readonly linkerId: string | null;
  /** The session that the code opens, now or after a second factor; null for linking. */
  readonly sessionId: string | null;
}

/** Result of redeeming a code: the identity, nothing, or the session of its first use, which must end. */
export type Redeemed =
  { readonly identity: ExternalIdentity } | { readonly refused: true } | { readonly replayed: string | null };

/** One-time codes between the browser and the app. */
@Injectable()
export class OAuthCodes {
  constructor(
    @InjectRepository(OAuthCode) private readonly codes: Repository<OAuthCode>,
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly box: SecretBox,
  ) {}

  /** Joins the caller's unit of work. @returns the code, which is not stored. */
  async issue({ identity, ...request }: NewCode): Promise<string> {
    const now = this.clock.now();
    const code = randomToken();
    const codeHash = digest(code);
    await removeExpired(this.codes, 'codeHash', new Date(now - KEPT_MS));
    await this.codes.insert({
      ...request,
      codeHash,
      identity: this.box.seal(PURPOSE, JSON.stringify(identity), codeHash),
      expiresAt: new Date(now + LIFETIME_MS),
      usedAt: null,
      sessionId: null,
    });
    return code;
  }

  /**
   * Redeems a code. Without the right verifier nothing changes, so somebody who intercepts a code can neither use it nor
   * invalidate it. Joins the caller's unit of work.
   */
  async redeem({ code, verifier, linkerId, sessionId }: CodeProof): Promise<Redeemed> {
    const codeHash = digest(code);
    const known = await this.codes.findOne({ where: { codeHash }, ...this.database.locked });
    if (!known || known.appChallenge !== digest(verifier) || known.linkerId !== linkerId)
      return { refused: true };
    const now = this.clock.date();
    const { affected } = await this.codes.update(
      { codeHash, usedAt: IsNull(), expiresAt: MoreThan(now) },
      { usedAt: now, identity: '', sessionId },
    );
    if (affected !== 1) return known.usedAt === null ? { refused: true } : { replayed: known.sessionId };
    const identity = this.box.open(PURPOSE, known.identity, codeHash);
    return { identity: JSON.parse(identity) as ExternalIdentity };
  }
}
