import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { type Actor, CurrentActor, Shareable } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { pageOf } from '../../../kernel/http/paging.js';
import { IdParam, UuidPipe } from '../../../kernel/http/uuid.pipe.js';
import { Idempotent } from '../../../kernel/idempotency/idempotency.interceptor.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import { CreateLotDto, LotDto, LotPageDto, UpdateLotDto } from './lots.dto.js';
import { LotsRepository } from './lots.repository.js';
import { MedicationsSection } from './medications.controller.js';
import { medications } from './medications.scopes.js';
import { OfMedicationQuery } from './schedules.dto.js';

@MedicationsSection()
@Shareable(medications)
@Controller('api/medication-lots')
export class LotsController {
  constructor(private readonly records: Records) {}

  @Post()
  @Idempotent()
  @Endpoint({
    summary: 'Create a lot',
    description:
      'The first lot of a medication begins to count its stock. To repeat it safely, send an `Idempotency-Key` or an `id` that the client created.',
    status: 201,
    returns: LotDto,
    errors: ['id-taken', 'quota-exceeded', 'idempotency-key-reused'],
  })
  createLot(@CurrentActor() actor: Actor, @Body() { id, ...input }: CreateLotDto) {
    return this.of(actor).create(actor, id, { ...input });
  }

  @Get()
  @Endpoint({
    summary: 'List lots',
    description: 'The newest first, used up ones among them.',
    returns: LotPageDto,
  })
  async listLots(@CurrentActor() actor: Actor, @Query() query: OfMedicationQuery) {
    return pageOf(query, await this.of(actor).list(query.medicationId, query));
  }

  @Get(':id')
  @IdParam('The lot.')
  @Endpoint({
    summary: 'Get a lot',
    description: 'A deleted lot, or one of another person, is answered with 404.',
    returns: LotDto,
    errors: ['not-found'],
  })
  getLot(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return this.of(actor).get(id);
  }

  @Patch(':id')
  @IdParam('The lot.')
  @Endpoint({
    summary: 'Update a lot',
    description: 'Fields that are not sent do not change.',
    returns: LotDto,
    errors: ['not-found', 'version-conflict'],
  })
  updateLot(
    @CurrentActor() actor: Actor,
    @Param('id', UuidPipe) id: string,
    @Body() { version, ...input }: UpdateLotDto,
  ) {
    return this.of(actor).update(actor, id, { ...input }, version);
  }

  @Delete(':id')
  @IdParam('The lot.')
  @Endpoint({
    summary: 'Delete a lot',
    description: 'As if it had never come. For one that was lost, send `discarded` instead.',
    status: 204,
    errors: ['not-found'],
  })
  deleteLot(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return this.of(actor).remove(actor, id);
  }

  private of({ userId }: Actor): LotsRepository {
    return new LotsRepository(this.records, person(userId));
  }
}
