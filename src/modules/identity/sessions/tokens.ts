import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { Config } from '../../../config/config.js';
import type { Assurance } from '../../../kernel/http/actor.js';
import { Clock } from '../../../platform/clock.js';
import { type Keys, SecretKeys } from '../../../platform/secrets/secret-keys.js';
import type { AccessTokenDto, TokensDto } from './sessions.dto.js';
import type { Session } from './session.entity.js';

export const AUDIENCE = 'hale';
/** RFC 9068: the type marks an access token, so that no other JWT can pass as one. */
export const ACCESS_TOKEN_TYPE = 'at+jwt';

export interface AccessClaims {
  readonly sub: string;
  readonly sid: string;
  /** Counter of the refresh token issued with this token: using this one confirms that the other arrived. */
  readonly rtc: number;
  readonly auth_time: number;
  /** Assurance level of the sign-in: 2 with a second factor or a passkey. */
  readonly aal: Assurance;
  readonly did?: string;
}

export interface RefreshClaims {
  readonly sessionId: string;
  readonly counter: number;
}

@Injectable()
export class Tokens {
  readonly accessKeys: Keys;
  private readonly refreshKeys: Keys;

  constructor(
    private readonly config: Config,
    private readonly jwt: JwtService,
    private readonly clock: Clock,
    keys: SecretKeys,
  ) {
    this.accessKeys = keys.for('access token');
    this.refreshKeys = keys.for('refresh token');
  }

  /** Seconds an access token is valid. */
  get lifetime(): number {
    return Math.floor(this.config.env.ACCESS_TOKEN_TTL / 1_000);
  }

  /** Both tokens of a session, as they are answered. */
  pair(session: Session): TokensDto {
    return { ...this.answer(this.access(session)), refreshToken: this.refresh(session) };
  }

  /** Without a refresh token: using it does not confirm that the last refresh token arrived. */
  accessOnly(session: Session): AccessTokenDto {
    return this.answer(this.access({ ...session, counter: session.confirmedCounter }));
  }

  access(session: Session): string {
    const claims: AccessClaims & { iat: number } = {
      iat: Math.floor(this.clock.now() / 1_000),
      sub: session.userId,
      sid: session.id,
      rtc: session.counter,
      auth_time: Math.floor(session.authTime.getTime() / 1_000),
      aal: session.aal,
      ...(session.deviceId === null ? {} : { did: session.deviceId }),
    };
    return this.jwt.sign(claims, {
      // jsonwebtoken accepts a KeyObject; the types of @nestjs/jwt do not declare it.
      secret: this.accessKeys[0] as unknown as Buffer,
      algorithm: 'HS256',
      header: { alg: 'HS256', typ: ACCESS_TOKEN_TYPE },
      issuer: this.config.env.PUBLIC_URL,
      audience: AUDIENCE,
      expiresIn: this.lifetime,
    });
  }

  private answer(token: string): AccessTokenDto {
    return { accessToken: token, tokenType: 'Bearer', expiresIn: this.lifetime };
  }

  /** `v1.<session>.<counter>.<MAC>`: it is not stored, and the same counter gives the same token. */
  refresh({ id, counter }: Session): string {
    return `v1.${id}.${counter}.${macOf(this.refreshKeys[0], id, counter)}`;
  }

  /** Contents of a refresh token, or undefined if this service did not issue it. Reading does not use it up. */
  readRefresh(token: string): RefreshClaims | undefined {
    const [, sessionId, counter, mac] =
      /^v1\.([0-9a-f-]{36})\.(0|[1-9]\d{0,8})\.([\w-]{43})$/.exec(token) ?? [];
    if (sessionId === undefined || counter === undefined || mac === undefined) return undefined;
    const given = Buffer.from(mac);
    const isOurs = this.refreshKeys.some((key) =>
      timingSafeEqual(Buffer.from(macOf(key, sessionId, counter)), given),
    );
    return isOurs ? { sessionId, counter: Number(counter) } : undefined;
  }
}

const macOf = (key: KeyObject, sessionId: string, counter: number | string): string =>
  createHmac('sha256', key).update(`${sessionId}|${counter}`).digest('base64url');
