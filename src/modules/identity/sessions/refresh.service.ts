import { Injectable } from '@nestjs/common';
import { Problem } from '../../../kernel/http/problem.js';
import { SessionRotation } from './session-rotation.js';
import type { TokensDto } from './sessions.dto.js';
import { SessionsService } from './sessions.service.js';
import { type RefreshClaims, Tokens } from './tokens.js';

/** Refresh and sign-out by refresh token. */
@Injectable()
export class RefreshService {
  constructor(
    private readonly sessions: SessionsService,
    private readonly rotation: SessionRotation,
    private readonly tokens: Tokens,
  ) {}

  /** @throws Problem as {@link SessionRotation.rotate}, and `invalid-refresh-token` for a token that this service did not issue */
  async refresh(refreshToken: string, nonce?: string): Promise<TokensDto> {
    return this.tokens.pair(await this.rotation.rotate(this.read(refreshToken), nonce));
  }

  /** Ends the session of a genuine refresh token of any age; ending it again changes nothing. */
  async logout(refreshToken: string): Promise<void> {
    await this.sessions.close(this.read(refreshToken).sessionId);
  }

  private read(refreshToken: string): RefreshClaims {
    const claims = this.tokens.readRefresh(refreshToken);
    if (!claims) throw new Problem('invalid-refresh-token');
    return claims;
  }
}
