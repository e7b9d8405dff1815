import { Body, Controller, Get, Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Public } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { type ChallengeDto } from '../factors/factors.dto.js';
import { SignInEndpoint } from '../factors/sign-in-endpoint.js';
import { deviceOf } from '../sessions/sessions.service.js';
import { type SignedInDto } from '../sessions/sessions.dto.js';
import { SignInSection } from '../sessions/sign-in-section.js';
import { Providers } from '../providers/providers.js';
import { providerTitles } from '../providers/provider.js';
import { CodeDto, IdTokenDto, ProviderListDto } from './identities.dto.js';
import { OfProvider } from './provider-parameter.js';
import { ProviderSignInService } from './provider-sign-in.service.js';

/** Refusals for a verified identity. */
const REFUSALS = ['link-required', 'email-required'] as const;

@SignInSection()
@Controller('api/auth')
@Public('sign-in')
export class ProviderSignInController {
  constructor(
    private readonly providers: Providers,
    private readonly signIns: ProviderSignInService,
  ) {}

  @Get('providers')
  @Endpoint({
    summary: 'List sign-in providers',
    description: 'Only these providers can be used; the routes of all others answer `not-found`.',
    returns: ProviderListDto,
  })
  listProviders(): ProviderListDto {
    return {
      data: this.providers.configured.map(({ name, takesIdToken }) => ({
        provider: name,
        title: providerTitles[name],
        takesIdToken,
      })),
    };
  }

  @Post('oauth/token')
  @SignInEndpoint({
    summary: 'Exchange the authorization code for tokens',
    description:
      'Takes the code of a flow that `GET /api/auth/{provider}` began, and the verifier that the app kept. Using a code twice also ends the session of its first use.',
    errors: ['invalid-grant', ...REFUSALS],
  })
  exchangeCode(@Body() body: CodeDto, @Req() request: FastifyRequest): Promise<SignedInDto | ChallengeDto> {
    return this.signIns.withCode(body.code, body.codeVerifier ?? '', deviceOf(body, request));
  }

  @Post(':provider')
  @OfProvider()
  @SignInEndpoint({
    summary: 'Sign in with an ID token',
    description:
      'Takes the ID token that the SDK of Google, Apple or Facebook (Limited Login) gives an app; GitHub issues none. An access token of a provider is not accepted.',
    errors: ['invalid-id-token', 'provider-unavailable', 'not-found', ...REFUSALS],
  })
  signInWithIdToken(
    @Param('provider') provider: string,
    @Body() body: IdTokenDto,
    @Req() request: FastifyRequest,
  ): Promise<SignedInDto | ChallengeDto> {
    return this.signIns.withIdToken(provider, body, deviceOf(body, request));
  }
}
