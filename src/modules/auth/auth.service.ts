import { Injectable } from '@nestjs/common';
import type { Actor } from '../../kernel/http/actor.js';
import { Problem } from '../../kernel/http/problem.js';
import { toWire } from '../../kernel/http/wire.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { type NewUser, normalizeEmail, type User, UserDto, UsersService } from '../users/public.js';
import type { SignedInDto, TokensDto } from './auth.dto.js';
import { LoginLimits } from './login-limits.js';
import { checkPassword, Passwords } from './passwords.js';
import { SessionGate } from './session-gate.js';
import type { Session } from './session.entity.js';
import { type Device, SessionsService } from './sessions.service.js';
import { Tokens } from './tokens.js';

/** What a person tells of themselves at sign-up. */
export type ProfileInput = Omit<NewUser, 'passwordHash'>;

@Injectable()
export class AuthService {
  constructor(
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly gate: SessionGate,
    private readonly passwords: Passwords,
    private readonly tokens: Tokens,
    private readonly limits: LoginLimits,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** @throws Problem `validation` for a weak password, `email-taken` */
  async register(profile: ProfileInput, password: string, device: Device): Promise<SignedInDto> {
    checkPassword(password, normalizeEmail(profile.email), 'password');
    const passwordHash = await this.passwords.hash(password);
    return this.unitOfWork.run(async () => {
      const user = await this.users.create({ ...profile, passwordHash });
      return this.signedIn(user, await this.sessions.open(user.id, device));
    });
  }

  /** @throws Problem `invalid-credentials`, `too-many-attempts` */
  async login(email: string, password: string, device: Device): Promise<SignedInDto> {
    const account = normalizeEmail(email);
    const user = await this.users.findByEmail(account);
    const right = await this.limits.attempt(account, device.ip ?? 'unknown', () =>
      this.passwords.matches(password, user?.passwordHash),
    );
    if (!right || !user) throw new Problem('invalid-credentials');
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
    return this.tokensOf(await this.sessions.rotate(sessionId, counter));
  }

  /** Ends the session of a genuine refresh token, however old; ending it again changes nothing. */
  async logout(refreshToken: string): Promise<void> {
    await this.sessions.close(this.read(refreshToken).sessionId);
  }

  /** The password is set, and every other session ended, together. @throws Problem `password-incorrect` */
  async changePassword(actor: Actor, current: string, next: string, address: string): Promise<void> {
    const user = await this.confirm(actor, current, address);
    checkPassword(next, user.email, 'new_password');
    const passwordHash = await this.passwords.hash(next);
    await this.users.whilePasswordHolds(user, 'password-incorrect', async () => {
      await this.users.update(user.id, { passwordHash });
      await this.sessions.revokeOthers(user.id, actor.sessionId);
    });
  }

  /** Deletes the account and all it owns, at once. @throws Problem `password-incorrect` */
  async deleteAccount(actor: Actor, password: string, address: string): Promise<void> {
    const user = await this.confirm(actor, password, address);
    await this.users.whilePasswordHolds(user, 'password-incorrect', () => this.users.remove(user.id));
    this.gate.forgetUser(user.id);
  }

  private async confirm(actor: Actor, password: string, address: string): Promise<User> {
    const user = await this.users.get(actor.userId);
    const right = await this.limits.attempt(user.email, address, () =>
      this.passwords.matches(password, user.passwordHash),
    );
    if (!right) throw new Problem('password-incorrect');
    return user;
  }

  private read(refreshToken: string): { sessionId: string; counter: number } {
    const claims = this.tokens.readRefresh(refreshToken);
    if (!claims) throw new Problem('invalid-refresh-token');
    return claims;
  }

  private signedIn(user: User, session: Session): SignedInDto {
    return { user: toWire(UserDto, user), ...this.tokensOf(session) };
  }

  private tokensOf(session: Session): TokensDto {
    return {
      access_token: this.tokens.access(session),
      refresh_token: this.tokens.refresh(session),
      token_type: 'Bearer',
      expires_in: this.tokens.lifetime,
    };
  }
}
