import { Body, Controller, Delete, Get, Param, Post } from '@nestjs/common';
import { type Actor, CurrentActor, Fresh } from '../../kernel/http/actor.js';
import { invalidField } from '../../kernel/http/problem.js';
import { IdParam, UuidPipe } from '../../kernel/http/uuid.pipe.js';
import { toWire } from '../../kernel/http/wire.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { SignInSection } from '../sessions/public.js';
import { Providers } from '../providers/public.js';
import { AppRequests } from './app-requests.js';
import { IdentitiesService } from './identities.service.js';
import { IdentityDto, IdentityListDto, LinkDto, StartedDto, StartLinkDto } from './identities.dto.js';
import type { Identity } from './identity.entity.js';
import { LinkingService } from './linking.service.js';

/** How a person signs in besides a password. */
@SignInSection()
@Controller('api/auth/identities')
export class IdentitiesController {
  constructor(
    private readonly identities: IdentitiesService,
    private readonly linking: LinkingService,
    private readonly providers: Providers,
    private readonly requests: AppRequests,
  ) {}

  @Get()
  @Endpoint({
    summary: 'List the providers I sign in with',
    description: 'Accounts at providers that sign in to this account.',
    returns: IdentityListDto,
  })
  async listIdentities(@CurrentActor() actor: Actor): Promise<IdentityListDto> {
    const identities = await this.identities.list(actor.userId);
    return { data: identities.map((identity) => toWire(IdentityDto, identity)) };
  }

  @Post('start')
  @Fresh()
  @Endpoint({
    summary: 'Link a provider, in the browser',
    description:
      'The answer is where to send the browser, which has no token. It comes back as a sign-in does; then send its code to `POST /api/auth/identities`.',
    returns: StartedDto,
    errors: ['redirect-not-allowed', 'not-found'],
  })
  startLink(@CurrentActor() { userId }: Actor, @Body() body: StartLinkDto): StartedDto {
    const { name: provider } = this.providers.get(body.provider);
    const { redirect_uri: appLink, code_challenge: appChallenge } = body;
    return { url: this.requests.linkUrl({ provider, appLink, appChallenge, linkerId: userId }) };
  }

  @Post()
  @Fresh()
  @Endpoint({
    summary: 'Link a provider',
    description: 'From now on it signs in to this account. Linking what is linked already changes nothing.',
    status: 201,
    returns: IdentityDto,
    errors: ['identity-taken', 'invalid-id-token', 'invalid-grant', 'provider-unavailable', 'not-found'],
  })
  async linkIdentity(@CurrentActor() { userId }: Actor, @Body() body: LinkDto): Promise<IdentityDto> {
    return toWire(IdentityDto, await this.link(userId, body));
  }

  @Delete(':id')
  @Fresh()
  @IdParam('The link to remove.')
  @Endpoint({
    summary: 'Unlink a provider',
    description: 'It does not sign in any more, and every other session ends. The last way to sign in stays.',
    status: 204,
    errors: ['not-found', 'last-credential'],
  })
  unlinkIdentity(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string): Promise<void> {
    return this.identities.unlink(actor, id);
  }

  private async link(userId: string, body: LinkDto): Promise<Identity> {
    const { provider, id_token: idToken, code, code_verifier: verifier = '' } = body;
    if ((idToken === undefined) === (code === undefined))
      throw invalidField('id_token', 'required', 'Send an id_token, or a code with its code_verifier');
    if (code !== undefined)
      return this.linking.withCode(userId, this.providers.get(provider).name, code, verifier);
    const identity = await this.providers.identify(provider, idToken ?? '', body.nonce);
    return this.linking.withIdToken(userId, idToken ?? '', identity);
  }
}
