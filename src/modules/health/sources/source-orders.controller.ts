import { Body, Controller, Get, Post, Put, Query } from '@nestjs/common';
import { type Actor, CurrentActor, Shareable } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { Section } from '../../../kernel/http/openapi/section.js';
import { pageOf, PageQuery } from '../../../kernel/http/paging.js';
import { Idempotent } from '../../../kernel/idempotency/idempotency.interceptor.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import {
  CreateSourceOrderDto,
  PutSourceOrderDto,
  SourceOrderDto,
  SourceOrderPageDto,
} from './source-orders.dto.js';
import { SourceOrdersRepository } from './source-orders.repository.js';
import { sources } from './sources.scopes.js';

export const SourcesSection = () =>
  Section(
    'Sources',
    'Apps, devices and files that a person’s data comes from. Where several of them saw the same time, the person’s order decides which one counts.',
  );

@SourcesSection()
@Shareable(sources)
@Controller('api/sources')
export class SourceOrdersController {
  constructor(private readonly records: Records) {}

  @Put('order')
  @Endpoint({
    summary: 'Set the order of sources',
    description:
      'Sums, nights and what is shown follow it at once; no reading changes. It changes the order that counts now, or creates the first one. Send the `version` that you have seen, so that you do not replace what another device has set since.',
    returns: SourceOrderDto,
    errors: ['version-conflict', 'quota-exceeded'],
  })
  putSourceOrder(@CurrentActor() actor: Actor, @Body() { sources: order, ...seen }: PutSourceOrderDto) {
    return this.of(actor).put(actor, order, seen);
  }

  @Post('orders')
  @Idempotent()
  @Endpoint({
    summary: 'Create an order of sources',
    description:
      'For a client with records of its own; others use `PUT /api/sources/order`. Of several orders, the one that was stored last counts.',
    status: 201,
    returns: SourceOrderDto,
    errors: ['id-taken', 'quota-exceeded', 'idempotency-key-reused'],
  })
  createSourceOrder(@CurrentActor() actor: Actor, @Body() { id, ...input }: CreateSourceOrderDto) {
    return this.of(actor).create(actor, id, { ...input });
  }

  @Get('orders')
  @Endpoint({
    summary: 'List orders of sources',
    description: 'The one that was stored last first: it counts. Most people have at most one.',
    returns: SourceOrderPageDto,
  })
  async listSourceOrders(@CurrentActor() actor: Actor, @Query() query: PageQuery) {
    return pageOf(query, await this.of(actor).list(query));
  }

  private of({ userId }: Actor): SourceOrdersRepository {
    return new SourceOrdersRepository(this.records, person(userId));
  }
}
