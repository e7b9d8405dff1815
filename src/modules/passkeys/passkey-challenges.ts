import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { Database, instantText } from '../../platform/database/database.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { digest, randomToken } from '../../platform/random-token.js';

/** How long a person may take to show a finger, or to find the key. */
export const CEREMONY_MS = 5 * 60_000;

/** What a challenge counts for: a sign-in of whoever it is, or a new passkey of one person. */
export type Ceremony = 'sign-in' | `register ${string}`;

/** What devices are asked to sign: each counts once, so that a signature that was overheard is worth nothing. */
@Injectable()
export class PasskeyChallenges {
  constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /** @returns the challenge, base64url, which is not kept. */
  issue(ceremony: Ceremony): Promise<string> {
    const challenge = randomToken();
    const now = this.clock.now();
    return this.unitOfWork.run(async () => {
      await this.database.execute('DELETE FROM passkey_challenges WHERE expires_at <= ?', [
        instantText(new Date(now)),
      ]);
      await this.database.execute(
        'INSERT INTO passkey_challenges (challenge_hash, expires_at) VALUES (?, ?)',
        [hashOf(ceremony, challenge), instantText(new Date(now + CEREMONY_MS))],
      );
      return challenge;
    });
  }

  /** Uses one up: of two that try, one gets it. Joins the caller's unit of work. @returns whether it counted. */
  async redeem(ceremony: Ceremony, challenge: string): Promise<boolean> {
    const deleted = await this.database.execute(
      'DELETE FROM passkey_challenges WHERE challenge_hash = ? AND expires_at > ?',
      [hashOf(ceremony, challenge), instantText(this.clock.date())],
    );
    return deleted > 0;
  }
}

const hashOf = (ceremony: Ceremony, challenge: string): string => digest(`${ceremony}:${challenge}`);
