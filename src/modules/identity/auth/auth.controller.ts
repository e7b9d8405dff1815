import { Body, Controller, HttpStatus, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Public } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { StatusOf } from '../../../kernel/http/status-of.js';
import { type ChallengeDto } from '../factors/factors.dto.js';
import { SignInEndpoint } from '../factors/sign-in-endpoint.js';
import { deviceOf } from '../sessions/sessions.service.js';
import { SignedInDto } from '../sessions/sessions.dto.js';
import { SignInSection } from '../sessions/sign-in-section.js';
import { AppliedDto, LoginDto, RegisterDto } from './auth.dto.js';
import { AuthService } from './auth.service.js';
import { type ProfileInput, RegistrationService } from './registration.service.js';

@SignInSection()
@Controller('api/auth')
@Public('sign-in')
export class AuthController {
  constructor(
    private readonly auth: AuthService,
    private readonly registration: RegistrationService,
  ) {}

  @Post('register')
  @Endpoint({
    summary: 'Register',
    description:
      'Also signs in on this device and mails a link that verifies the address. If the response is lost, the same call answers `email-taken`; then sign in with the same password. If the service requires a verified address first, the answer is 202, the same for every address: follow the mailed link, then sign in.',
    status: 201,
    returns: SignedInDto,
    accepted: AppliedDto,
    errors: ['email-taken'],
  })
  @StatusOf((answer: SignedInDto | AppliedDto) =>
    'accessToken' in answer ? HttpStatus.CREATED : HttpStatus.ACCEPTED,
  )
  register(@Body() body: RegisterDto, @Req() request: FastifyRequest): Promise<SignedInDto | AppliedDto> {
    return this.registration.register(profileOf(body), body.password, deviceOf(body, request));
  }

  @Post('login')
  @SignInEndpoint({
    summary: 'Sign in',
    description: 'After 5 wrong passwords the account is locked for up to 15 minutes.',
    errors: ['invalid-credentials', 'too-many-attempts'],
  })
  login(@Body() body: LoginDto, @Req() request: FastifyRequest): Promise<SignedInDto | ChallengeDto> {
    return this.auth.login(body.email, body.password, deviceOf(body, request));
  }
}

/** The part of the request that is stored with the account; the rest is the device and the password. */
const profileOf = ({ email, displayName, locale, timeZone, weightUnit }: RegisterDto): ProfileInput => ({
  email,
  ...(displayName === undefined ? {} : { displayName }),
  ...(locale === undefined ? {} : { locale }),
  ...(timeZone === undefined ? {} : { timeZone }),
  ...(weightUnit === undefined ? {} : { weightUnit }),
});
