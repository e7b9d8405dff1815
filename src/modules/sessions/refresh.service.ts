import { Injectable } from '@nestjs/common';
import { Problem } from '../../kernel/http/problem.js';
import { SessionRotation } from './session-rotation.js';
import type { TokensDto } from './sessions.dto.js';
import { SessionsService } from './sessions.service.js';
import { type RefreshClaims, Tokens } from './tokens.js';

/** What a device does with its refresh token. */
@Injectable()
export class RefreshService {
  constructor(
    private readonly sessions: SessionsService,
    private readonly rotation: SessionRotation,
    private readonly tokens: Tokens,
  ) {}

  /** @throws Problem as {@link SessionRotation.rotate}, and `invalid-refresh-token` for a token not made here */
  async refresh(refreshToken: string): Promise<TokensDto> {
    const { sessionId, counter } = this.read(refreshToken);
    return this.tokens.pair(await this.rotation.rotate(sessionId, counter));
  }

  /** Ends the session of a genuine refresh token, however old; ending it again changes nothing. */
  async logout(refreshToken: string): Promise<void> {
    await this.sessions.close(this.read(refreshToken).sessionId);
  }

  private read(refreshToken: string): RefreshClaims {
    const claims = this.tokens.readRefresh(refreshToken);
    if (!claims) throw new Problem('invalid-refresh-token');
    return claims;
  }
}
