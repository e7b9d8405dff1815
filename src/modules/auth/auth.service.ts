import { Injectable } from '@nestjs/common';
import { Problem } from '../../kernel/http/problem.js';
import { normalizeEmail, type User, UsersService, userWire } from '../users/public.js';
import type { SignedInDto, TokensDto } from './auth.dto.js';
import { PasswordProof } from './password-proof.js';
import { SessionRotation } from './session-rotation.js';
import type { Session } from './session.entity.js';
import { type Device, SessionsService } from './sessions.service.js';
import { Tokens } from './tokens.js';

@Injectable()
export class AuthService {
  constructor(
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly rotation: SessionRotation,
    private readonly proof: PasswordProof,
    private readonly tokens: Tokens,
  ) {}

  /** @throws Problem `invalid-credentials`, `too-many-attempts` */
  async login(email: string, password: string, device: Device): Promise<SignedInDto> {
    const user = await this.proof.ofAddress(normalizeEmail(email), password, device.ip ?? 'unknown');
    const open = async () => this.signedIn(user, await this.sessions.open(user.id, device));
    return this.users.whilePasswordHolds(user, 'invalid-credentials', open).catch((error: unknown) => {
      // Deleted meanwhile: the answer is that of an address nobody has.
      throw error instanceof Problem && error.code === 'session-revoked'
        ? new Problem('invalid-credentials')
        : error;
    });
  }

  /** @throws Problem as {@link SessionsService.rotate}, and `invalid-refresh-token` for a token not made here */
  async refresh(refreshToken: string): Promise<TokensDto> {
    const { sessionId, counter } = this.read(refreshToken);
    return this.tokens.pair(await this.rotation.rotate(sessionId, counter));
  }

  /** Ends the session of a genuine refresh token, however old; ending it again changes nothing. */
  async logout(refreshToken: string): Promise<void> {
    await this.sessions.close(this.read(refreshToken).sessionId);
  }

  private read(refreshToken: string): { sessionId: string; counter: number } {
    const claims = this.tokens.readRefresh(refreshToken);
    if (!claims) throw new Problem('invalid-refresh-token');
    return claims;
  }

  private signedIn(user: User, session: Session): SignedInDto {
    return { user: userWire(user), ...this.tokens.pair(session) };
  }
}
