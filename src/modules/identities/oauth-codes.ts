import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { Database, instantText } from '../../platform/database/database.js';
import { Table } from '../../platform/database/table.js';
import { SecretBox } from '../../platform/secrets/secret-box.js';
import type { ExternalIdentity } from '../providers/public.js';
import { OAuthCode } from './oauth-code.entity.js';
import { removeExpired } from './expired.js';
import { digest, randomToken } from '../../platform/random-token.js';

/** From the browser to the app on the same phone. */
const LIFETIME_MS = 60_000;
/** Kept longer, so that a second use is known as one. */
const KEPT_MS = 10 * 60_000;
const PURPOSE = 'oauth code';

export interface NewCode {
  readonly identity: ExternalIdentity;
  readonly appChallenge: string;
  readonly linkerId: string | null;
}

/** What the app exchanges. */
export interface CodeProof {
  readonly code: string;
  /** Whose S256 is the challenge the app began with (RFC 7636, 4.6). */
  readonly verifier: string;
  /** Who links; null for a sign-in. A code is good for the one it was made for. */
  readonly linkerId: string | null;
  /** What the code opens, now or once a second factor was given; null for who links. */
  readonly sessionId: string | null;
}

/** What became of a code: somebody, nothing, or the session of its first use, which must end. */
export type Redeemed =
  { readonly identity: ExternalIdentity } | { readonly refused: true } | { readonly replayed: string | null };

/** One-time codes between the browser and the app. */
@Injectable()
export class OAuthCodes {
  private readonly table: Table<OAuthCode>;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly box: SecretBox,
  ) {
    this.table = new Table(database.writer, OAuthCode);
  }

  /** Joins the caller's unit of work. @returns the code, which is not kept. */
  async issue({ identity, ...request }: NewCode): Promise<string> {
    const now = this.clock.now();
    const code = randomToken();
    const codeHash = digest(code);
    await removeExpired(this.database, { table: 'oauth_codes', key: 'code_hash' }, new Date(now - KEPT_MS));
    await this.table.insert(this.database, [
      {
        ...request,
        codeHash,
        identity: this.box.seal(PURPOSE, JSON.stringify(identity), codeHash),
        expiresAt: new Date(now + LIFETIME_MS),
        usedAt: null,
        sessionId: null,
      },
    ]);
    return code;
  }

  /**
   * Uses one up. Whoever lacks its verifier changes nothing: a code that was seen on its way is of no use, and cannot be
   * spoilt. Joins the caller's unit of work.
   */
  async redeem({ code, verifier, linkerId, sessionId }: CodeProof): Promise<Redeemed> {
    const codeHash = digest(code);
    const [known] = await this.table.select(this.database, `code_hash = ?${this.database.forUpdate}`, [
      codeHash,
    ]);
    if (!known || known.appChallenge !== digest(verifier) || known.linkerId !== linkerId)
      return { refused: true };
    const now = instantText(this.clock.date());
    const used = await this.database.execute(
      `UPDATE oauth_codes SET used_at = ?, identity = '', session_id = ?
       WHERE code_hash = ? AND used_at IS NULL AND expires_at > ?`,
      [now, sessionId, codeHash, now],
    );
    if (used === 0) return known.usedAt === null ? { refused: true } : { replayed: known.sessionId };
    const identity = this.box.open(PURPOSE, known.identity, codeHash);
    return { identity: JSON.parse(identity) as ExternalIdentity };
  }
}
