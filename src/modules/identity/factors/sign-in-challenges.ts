import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThan, LessThanOrEqual, MoreThan, Repository } from 'typeorm';
import { AuditLog } from '../../../kernel/audit/audit-log.js';
import { Clock } from '../../../platform/clock.js';
import type { User } from '../users/user.entity.js';
import { SignInChallenge } from './sign-in-challenge.entity.js';
import { digest, randomToken } from '../../../platform/random-token.js';
import { factorAudit } from './factors.audit.js';

/** How long the second proof may take. */
export const CHALLENGE_MS = 5 * 60_000;
/** Attempts allowed per challenge. */
const MAX_ATTEMPTS = 5;

/** Challenges between the first proof and the second. A challenge grants no access and is answered once. */
@Injectable()
export class SignInChallenges {
  constructor(
    @InjectRepository(SignInChallenge) private readonly challenges: Repository<SignInChallenge>,
    private readonly clock: Clock,
    private readonly audit: AuditLog,
  ) {}

  /** Creates a challenge. Joins the caller's unit of work, under the person's lock. @returns the challenge, which is not stored. */
  async issue(user: User, sessionId: string): Promise<string> {
    const challenge = randomToken();
    const createdAt = this.clock.date();
    await this.challenges.delete({ userId: user.id, expiresAt: LessThanOrEqual(createdAt) });
    await this.challenges.insert({
      tokenHash: digest(challenge),
      userId: user.id,
      sessionId,
      passwordMark: digest(user.passwordHash),
      attempts: 0,
      createdAt,
      expiresAt: new Date(createdAt.getTime() + CHALLENGE_MS),
    });
    await this.audit.record({ action: factorAudit.asked, subject: user });
    return challenge;
  }

  /** Finds a challenge that can still be answered. */
  find(challenge: string): Promise<SignInChallenge | null> {
    return this.challenges.findOneBy(this.answerable(challenge));
  }

  /**
   * Reserves an attempt before the code is checked. Joins the caller's unit of work: a rollback returns the attempt.
   * @returns whether one was left.
   */
  async reserve(challenge: string, { passwordHash }: User): Promise<boolean> {
    const { affected } = await this.challenges.increment(
      { ...this.answerable(challenge), passwordMark: digest(passwordHash) },
      'attempts',
      1,
    );
    return affected === 1;
  }

  /** Deletes the challenge that was answered. Joins the caller's unit of work. */
  async end(challenge: string): Promise<void> {
    await this.challenges.delete({ tokenHash: digest(challenge) });
  }

  /** Deletes the challenge whose answer would open this session. Joins the caller's unit of work. */
  async cancel(sessionId: string): Promise<void> {
    await this.challenges.delete({ sessionId });
  }

  private answerable(challenge: string) {
    return {
      tokenHash: digest(challenge),
      attempts: LessThan(MAX_ATTEMPTS),
      expiresAt: MoreThan(this.clock.date()),
    };
  }
}
