import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThanOrEqual, MoreThan, Repository } from 'typeorm';
import { Clock } from '../../../platform/clock.js';
import { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import { PasskeyChallenge } from './passkey-challenge.entity.js';
import { digest, randomToken } from '../../../platform/random-token.js';

/** Time for the person to unlock the device or find the security key. */
export const CEREMONY_MS = 5 * 60_000;

/** Purpose of a challenge: a sign-in by anybody, or a new passkey of one person. */
export type Ceremony = 'sign-in' | `register ${string}`;

/** Challenges for devices to sign. Each is valid once, so that a copied signature is useless. */
@Injectable()
export class PasskeyChallenges {
  constructor(
    @InjectRepository(PasskeyChallenge) private readonly challenges: Repository<PasskeyChallenge>,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /** @returns the challenge, base64url, which is not stored. */
  issue(ceremony: Ceremony): Promise<string> {
    const challenge = randomToken();
    const now = this.clock.now();
    return this.unitOfWork.run(async () => {
      await this.challenges.delete({ expiresAt: LessThanOrEqual(new Date(now)) });
      await this.challenges.insert({
        challengeHash: hashOf(ceremony, challenge),
        expiresAt: new Date(now + CEREMONY_MS),
      });
      return challenge;
    });
  }

  /** Redeems a challenge: of two attempts one succeeds. Joins the caller's unit of work. @returns whether it was valid. */
  async redeem(ceremony: Ceremony, challenge: string): Promise<boolean> {
    const { affected } = await this.challenges.delete({
      challengeHash: hashOf(ceremony, challenge),
      expiresAt: MoreThan(this.clock.date()),
    });
    return affected === 1;
  }
}

const hashOf = (ceremony: Ceremony, challenge: string): string => digest(`${ceremony}:${challenge}`);
