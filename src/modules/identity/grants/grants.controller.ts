import { Body, Controller, Delete, Get, Param, Post, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { type Actor, CurrentActor, Fresh } from '../../../kernel/http/actor.js';
import { atEvenPace } from '../../../kernel/http/even-pace.js';
import { PageQuery, pageOf } from '../../../kernel/http/paging.js';
import { IdParam, UuidPipe } from '../../../kernel/http/uuid.pipe.js';
import { clientAddress } from '../../../kernel/throttle/client-address.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { Section } from '../../../kernel/http/openapi/section.js';
import type { Grant } from './grant.entity.js';
import { CreateGrantDto, GrantDto, GrantListDto, ReceivedGrantPageDto } from './grants.dto.js';
import { GrantsService } from './grants.service.js';
import { ReceivedGrants } from './received-grants.js';

/** Longer than creating a grant takes, so that the response time does not reveal whether the address has an account. */
const PACE_MS = 100;

@Section(
  'Sharing',
  'A person lets a coach read some of their data. The coach adds `?owner_id=` to the usual requests, and the person sees each of these requests in the access log.',
  3,
)
@Controller('api/users/me/grants')
export class GrantsController {
  constructor(
    private readonly grants: GrantsService,
    private readonly receivedGrants: ReceivedGrants,
  ) {}

  @Post()
  @Fresh()
  @Endpoint({
    summary: 'Grant access to data',
    description:
      'Takes effect for a coach account whose address is verified. The answer does not reveal whether there is one.',
    status: 201,
    returns: GrantDto,
    errors: ['too-many-grants'],
  })
  createGrant(
    @CurrentActor() actor: Actor,
    @Body() body: CreateGrantDto,
    @Req() request: FastifyRequest,
  ): Promise<GrantDto> {
    return atEvenPace(PACE_MS, async () =>
      shownGrant(await this.grants.create(actor, body, clientAddress(request))),
    );
  }

  @Get()
  @Endpoint({
    summary: 'List granted access',
    description: 'Expired and revoked grants are not listed.',
    returns: GrantListDto,
  })
  async listGrants(@CurrentActor() actor: Actor): Promise<GrantListDto> {
    return { data: (await this.grants.given(actor)).map(shownGrant) };
  }

  @Get('received')
  @Endpoint({
    summary: 'List received access',
    description: 'For coaches.',
    returns: ReceivedGrantPageDto,
    errors: ['forbidden'],
  })
  async listReceivedGrants(
    @CurrentActor() actor: Actor,
    @Query() place: PageQuery,
  ): Promise<ReceivedGrantPageDto> {
    return pageOf(place, await this.receivedGrants.list(actor, place));
  }

  @Delete(':id')
  @IdParam('The grant.')
  @Endpoint({
    summary: 'Revoke granted access',
    description: 'The next request of the coach is refused.',
    status: 204,
    errors: ['not-found'],
  })
  revokeGrant(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string): Promise<void> {
    return this.grants.revoke(actor, id);
  }
}

const shownGrant = (grant: Grant): GrantDto => ({
  ...grant,
  email: grant.granteeEmail,
  until: grant.expiresAt,
});
