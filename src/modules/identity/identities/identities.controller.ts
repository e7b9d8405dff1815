import { Body, Controller, Delete, Get, Param, Post } from '@nestjs/common';
import { type Actor, CurrentActor, Fresh } from '../../../kernel/http/actor.js';
import { IdParam, UuidPipe } from '../../../kernel/http/uuid.pipe.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { SignInSection } from '../sessions/sign-in-section.js';
import { AppRequests } from './app-requests.js';
import { IdentitiesService } from './identities.service.js';
import { IdentityDto, IdentityListDto, LinkDto, StartedDto, StartLinkDto } from './identities.dto.js';
import { LinkingService } from './linking.service.js';

/** The provider accounts that a person signs in with. */
@SignInSection()
@Controller('api/auth/identities')
export class IdentitiesController {
  constructor(
    private readonly identities: IdentitiesService,
    private readonly linking: LinkingService,
    private readonly requests: AppRequests,
  ) {}

  @Get()
  @Endpoint({
    summary: 'List linked identities',
    description: 'Provider accounts that can sign in to this account.',
    returns: IdentityListDto,
  })
  async listIdentities(@CurrentActor() actor: Actor): Promise<IdentityListDto> {
    return { data: await this.identities.list(actor.userId) };
  }

  @Post('start')
  @Fresh()
  @Endpoint({
    summary: 'Start linking an identity (browser redirect)',
    description:
      'The answer has the URL to open in the browser, which has no token. The browser returns as after a sign-in; then send its code to `POST /api/auth/identities`.',
    returns: StartedDto,
    errors: ['redirect-not-allowed', 'not-found'],
  })
  startLink(@CurrentActor() { userId }: Actor, @Body() body: StartLinkDto): StartedDto {
    return { url: this.requests.linkUrl(userId, body) };
  }

  @Post()
  @Fresh()
  @Endpoint({
    summary: 'Link an identity',
    description: 'From now on it can sign in to this account. Linking it again changes nothing.',
    status: 201,
    returns: IdentityDto,
    errors: ['identity-taken', 'invalid-id-token', 'invalid-grant', 'provider-unavailable', 'not-found'],
  })
  linkIdentity(@CurrentActor() actor: Actor, @Body() body: LinkDto): Promise<IdentityDto> {
    return this.linking.link(actor, body);
  }

  @Delete(':id')
  @Fresh()
  @IdParam('The link to remove.')
  @Endpoint({
    summary: 'Unlink an identity',
    description:
      'It can no longer sign in, and every other session ends. The last way to sign in cannot be removed.',
    status: 204,
    errors: ['not-found', 'last-credential'],
  })
  unlinkIdentity(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string): Promise<void> {
    return this.identities.unlink(actor, id);
  }
}
