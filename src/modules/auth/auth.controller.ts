import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../kernel/http/actor.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { fromWire } from '../../kernel/http/wire.js';
import { clientAddress } from '../../kernel/limits/client-address.js';
import { UpdateUserDto } from '../users/public.js';
import { AppliedDto, LoginDto, RefreshDto, RegisterDto, SignedInDto, TokensDto } from './auth.dto.js';
import { AuthService } from './auth.service.js';
import { type ProfileInput, RegistrationService } from './registration.service.js';
import type { Device } from './sessions.service.js';
import { SignInSection } from './sign-in-section.js';

@SignInSection()
@Controller('api/auth')
@Public('this is where one gets in')
export class AuthController {
  constructor(
    private readonly auth: AuthService,
    private readonly registration: RegistrationService,
  ) {}

  @Post('register')
  @Endpoint({
    summary: 'Make an account',
    description:
      'Also signs in on this device, and mails a link that shows whose address it is. After a lost response the same call answers `email-taken`: sign in with the same password then. Where the service asks for a verified address first, the answer is 202 and the same for every address: follow the mailed link, then sign in.',
    status: 201,
    returns: SignedInDto,
    errors: ['email-taken'],
  })
  @ApiResponse({ status: 202, description: 'Accepted', type: AppliedDto })
  async register(
    @Body() body: RegisterDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SignedInDto | AppliedDto> {
    const signedIn = await this.registration.register(
      profileOf(body),
      body.password,
      deviceOf(body, request),
    );
    if (signedIn) return signedIn;
    reply.status(202);
    return { email: body.email };
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
