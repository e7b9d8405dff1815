import { Body, Controller, Delete, Get, Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { type Actor, CurrentActor, Fresh } from '../../kernel/http/actor.js';
import { atEvenPace } from '../../kernel/http/even-pace.js';
import { IdParam, UuidPipe } from '../../kernel/http/uuid.pipe.js';
import { fromWire, toWire } from '../../kernel/http/wire.js';
import { clientAddress } from '../../kernel/limits/client-address.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { Section } from '../../kernel/openapi/section.js';
import type { Grant } from './grant.entity.js';
import {
  CreateGrantDto,
  GrantDto,
  GrantListDto,
  ReceivedGrantDto,
  ReceivedGrantListDto,
} from './grants.dto.js';
import { GrantsService } from './grants.service.js';
import { ReceivedGrants } from './received-grants.js';

/** Longer than a grant takes: whether the address has an account does not show in the time of the answer. */
const PACE_MS = 100;

@Section(
  'Sharing',
  'A person lets a coach read some of their data. The coach adds `?owner_id=` to the usual requests, and the person sees each of them in the access log.',
  1,
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
    summary: 'Let somebody read my data',
    description:
      'It takes effect for an account that has shown that the address is its own, and is that of a coach. The answer does not tell whether there is one.',
    status: 201,
    returns: GrantDto,
    errors: ['too-many-grants'],
  })
  createGrant(
    @CurrentActor() actor: Actor,
    @Body() body: CreateGrantDto,
    @Req() request: FastifyRequest,
  ): Promise<GrantDto> {
    const input = fromWire(CreateGrantDto, body);
    return atEvenPace(PACE_MS, async () =>
      grantWire(await this.grants.create(actor, input, clientAddress(request))),
    );
  }

  @Get()
  @Endpoint({
    summary: 'List who may read my data',
    description: 'Grants that have ended are not listed.',
    returns: GrantListDto,
  })
  async listGrants(@CurrentActor() actor: Actor): Promise<GrantListDto> {
    return { data: (await this.grants.given(actor)).map(grantWire) };
  }

  @Get('received')
  @Endpoint({
    summary: 'List whose data I may read',
    description: 'For coaches.',
    returns: ReceivedGrantListDto,
    errors: ['forbidden'],
  })
  async listReceivedGrants(@CurrentActor() actor: Actor): Promise<ReceivedGrantListDto> {
    return { data: (await this.receivedGrants.list(actor)).map((grant) => toWire(ReceivedGrantDto, grant)) };
  }

  @Delete(':id')
  @IdParam('The grant.')
  @Endpoint({
    summary: 'Stop letting somebody read my data',
    description: 'The next request is refused.',
    status: 204,
    errors: ['not-found'],
  })
  revokeGrant(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string): Promise<void> {
    return this.grants.revoke(actor, id);
  }
}

const grantWire = (grant: Grant): GrantDto =>
  toWire(GrantDto, { ...grant, email: grant.granteeEmail, until: grant.expiresAt });
