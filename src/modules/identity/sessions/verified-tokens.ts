import { Injectable } from '@nestjs/common';
import { setBounded } from '../../../platform/bounded-map.js';
import { digest } from '../../../platform/random-token.js';
import type { Grant } from './access-claims.js';

const MAX_REMEMBERED = 20_000;

/**
 * Remembers verified access tokens by digest, because a client sends the same token some hundred times. The secrets cannot
 * change while the process runs, so the result stays valid. Expiry and session are checked elsewhere on every request.
 */
@Injectable()
export class VerifiedTokens {
  private readonly grants = new Map<string, Grant>();

  find(token: string): Grant | undefined {
    return this.grants.get(digest(token));
  }

  remember(token: string, grant: Grant): void {
    setBounded(this.grants, digest(token), grant, MAX_REMEMBERED);
  }
}
