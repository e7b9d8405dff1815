import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../kernel/http/actor.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { fromWire } from '../../kernel/http/wire.js';
import { type ChallengeDto, SignInEndpoint } from '../factors/public.js';
import { deviceOf, SignedInDto, SignInSection } from '../sessions/public.js';
import { UpdateUserDto } from '../users/public.js';
import { AppliedDto, LoginDto, RegisterDto } from './auth.dto.js';
import { AuthService } from './auth.service.js';
import { type ProfileInput, RegistrationService } from './registration.service.js';

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
  @SignInEndpoint({
    summary: 'Sign in',
    description: 'After 5 wrong passwords the account waits for up to 15 minutes.',
    errors: ['invalid-credentials', 'too-many-attempts'],
  })
  login(@Body() body: LoginDto, @Req() request: FastifyRequest): Promise<SignedInDto | ChallengeDto> {
    return this.auth.login(body.email, body.password, deviceOf(body, request));
  }
}

const profileOf = ({ email, ...body }: RegisterDto): ProfileInput => ({
  email,
  ...fromWire(UpdateUserDto, body),
});
