import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Problem } from '../../../kernel/http/problem.js';
import { Clock } from '../../../platform/clock.js';
import { isDuplicate } from '../../../platform/database/errors.js';
import { removeExpired } from './remove-expired.js';
import { UsedIdToken } from './used-id-token.entity.js';
import { digest } from '../../../platform/random-token.js';

/** Longer than an id_token is accepted after its issue. */
const KEPT_MS = 2 * 3_600_000;

/** An id_token is accepted once, so that a copy from a log or a proxy is worthless. */
@Injectable()
export class UsedIdTokens {
  constructor(
    @InjectRepository(UsedIdToken) private readonly tokens: Repository<UsedIdToken>,
    private readonly clock: Clock,
  ) {}

  /** Redeems a token; a rollback releases it. Joins the caller's unit of work. @throws Problem `invalid-id-token` */
  async use(idToken: string): Promise<void> {
    const now = this.clock.now();
    // Without the signature: in some algorithms one token has several valid signatures.
    const tokenHash = digest(idToken.slice(0, idToken.lastIndexOf('.')));
    await removeExpired(this.tokens, 'tokenHash', new Date(now));
    try {
      await this.tokens.insert({ tokenHash, expiresAt: new Date(now + KEPT_MS) });
    } catch (error) {
      throw isDuplicate(error) ? new Problem('invalid-id-token') : error;
    }
  }
}
