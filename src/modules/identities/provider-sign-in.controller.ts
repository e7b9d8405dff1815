import { Body, Controller, Get, Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Public } from '../../kernel/http/actor.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { type ChallengeDto, SignInEndpoint } from '../factors/public.js';
import { deviceOf, type SignedInDto, SignInSection } from '../sessions/public.js';
import { Providers, providerTitles } from '../providers/public.js';
import { CodeDto, IdTokenDto, ProviderListDto } from './identities.dto.js';
import { OfProvider } from './provider-parameter.js';
import { ProviderSignInService } from './provider-sign-in.service.js';

/** Why a person whom a provider vouches for does not get in. */
const REFUSALS = ['link-required', 'email-required'] as const;

@SignInSection()
@Controller('api/auth')
@Public('this is where one gets in')
export class ProviderSignInController {
  constructor(
    private readonly providers: Providers,
    private readonly signIns: ProviderSignInService,
  ) {}

  @Get('providers')
  @Endpoint({
    summary: 'List who else one can sign in with',
    description: 'A provider that is not in the list answers `not-found` on all its routes.',
    returns: ProviderListDto,
  })
  listProviders(): ProviderListDto {
    return {
      data: this.providers.configured.map(({ name, takesIdToken }) => ({
        provider: name,
        title: providerTitles[name],
        takes_id_token: takesIdToken,
      })),
    };
  }

  @Post('oauth/token')
  @SignInEndpoint({
    summary: 'Sign in with what the browser brought',
    description:
      'The code of a flow that `GET /api/auth/{provider}` began, and the verifier the app kept. A code that is used twice also ends the session of its first use.',
    errors: ['invalid-grant', ...REFUSALS],
  })
  exchangeCode(@Body() body: CodeDto, @Req() request: FastifyRequest): Promise<SignedInDto | ChallengeDto> {
    return this.signIns.withCode(body.code, body.code_verifier ?? '', deviceOf(body, request));
  }

  @Post(':provider')
  @OfProvider()
  @SignInEndpoint({
    summary: 'Sign in with an id_token',
    description:
      'What the SDK of Google, of Apple or of Facebook (Limited Login) gives an app; GitHub has none. An access token of a provider is no proof of anything here.',
    errors: ['invalid-id-token', 'provider-unavailable', 'not-found', ...REFUSALS],
  })
  async signInWithIdToken(
    @Param('provider') provider: string,
    @Body() body: IdTokenDto,
    @Req() request: FastifyRequest,
  ): Promise<SignedInDto | ChallengeDto> {
    const identity = await this.providers.identify(provider, body.id_token, body.nonce);
    return this.signIns.withIdToken(body.id_token, identity, deviceOf(body, request));
  }
}
