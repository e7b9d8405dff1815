import { Body, Controller, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Public } from '../../kernel/http/actor.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { Section } from '../../kernel/openapi/section.js';
import { fromWire } from '../../kernel/http/wire.js';
import { clientAddress } from '../../kernel/limits/client-address.js';
import { UpdateUserDto } from '../users/public.js';
import { LoginDto, RefreshDto, RegisterDto, SignedInDto, TokensDto } from './auth.dto.js';
import { AuthService, type ProfileInput } from './auth.service.js';
import type { Device } from './sessions.service.js';

@Section('Sign-in', 'Accounts are made here, sessions begin and end, tokens are renewed.', 0)
@Controller('api/auth')
@Public('this is where one gets in')
export class AuthController {
  constructor(private readonly auth: AuthService) {}

  @Post('register')
  @Endpoint({
    summary: 'Make an account',
    description:
      'Also signs in on this device. After a lost response the same call answers `email-taken`: sign in with the same password then.',
    status: 201,
    returns: SignedInDto,
    errors: ['email-taken'],
  })
  register(@Body() body: RegisterDto, @Req() request: FastifyRequest): Promise<SignedInDto> {
    return this.auth.register(profileOf(body), body.password, deviceOf(body, request));
  }

  @Post('login')
  @Endpoint({
    summary: 'Sign in',
    description: 'After 5 wrong passwords the account waits for up to 15 minutes.',
    returns: SignedInDto,
    errors: ['invalid-credentials', 'too-many-attempts'],
  })
  login(@Body() body: LoginDto, @Req() request: FastifyRequest): Promise<SignedInDto> {
    return this.auth.login(body.email, body.password, deviceOf(body, request));
  }

  @Post('refresh')
  @Endpoint({
    summary: 'Get new tokens',
    description:
      'Store the new pair durably before using it, and refresh one at a time. After a lost response repeat the call with the same token: the same successor comes again.',
    returns: TokensDto,
    errors: ['invalid-refresh-token', 'session-expired', 'session-revoked', 'token-reused'],
  })
  refresh(@Body() body: RefreshDto): Promise<TokensDto> {
    return this.auth.refresh(body.refresh_token);
  }

  @Post('logout')
  @Endpoint({
    summary: 'Sign out on this device',
    description: 'Both tokens are refused from now on. Needs no access token, and may be repeated.',
    status: 204,
    errors: ['invalid-refresh-token'],
  })
  logout(@Body() body: RefreshDto): Promise<void> {
    return this.auth.logout(body.refresh_token);
  }
}

const profileOf = ({ email, ...body }: RegisterDto): ProfileInput => ({
  email,
  ...fromWire(UpdateUserDto, body),
});

const deviceOf = (body: LoginDto | RegisterDto, request: FastifyRequest): Device => ({
  deviceId: body.device_id ?? null,
  deviceName: body.device_name ?? null,
  platform: body.platform ?? null,
  ip: clientAddress(request),
});
