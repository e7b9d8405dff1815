import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { type Actor, CurrentActor, Shareable } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { pageOf } from '../../../kernel/http/paging.js';
import { IdParam, UuidPipe } from '../../../kernel/http/uuid.pipe.js';
import { Idempotent } from '../../../kernel/idempotency/idempotency.interceptor.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import { CreateIntakeDto, IntakeDto, IntakePageDto, IntakeQuery, UpdateIntakeDto } from './intakes.dto.js';
import { IntakesRepository } from './intakes.repository.js';
import { MedicationsSection } from './medications.controller.js';
import { medications } from './medications.scopes.js';

@MedicationsSection()
@Shareable(medications)
@Controller('api/medication-intakes')
export class IntakesController {
  constructor(private readonly records: Records) {}

  @Post()
  @Idempotent()
  @Endpoint({
    summary: 'Create an intake',
    description:
      'For doses as needed; `PUT /api/medications/doses/{dose_id}` ticks a scheduled one. A dose that breaks a limit of the medication is refused with `dose-limit`, and stored with `confirmed: true`. To repeat it safely, send an `Idempotency-Key` or an `id` that the client created.',
    status: 201,
    returns: IntakeDto,
    errors: ['id-taken', 'dose-limit', 'quota-exceeded', 'idempotency-key-reused'],
  })
  createIntake(@CurrentActor() actor: Actor, @Body() body: CreateIntakeDto) {
    return this.of(actor).add(actor, body);
  }

  @Get()
  @Endpoint({
    summary: 'List intakes',
    description:
      'The newest first, by when they were taken, or else when they were due. `pagination.total` counts all that match the filters.',
    returns: IntakePageDto,
  })
  async listIntakes(@CurrentActor() actor: Actor, @Query() query: IntakeQuery) {
    return pageOf(query, await this.of(actor).list(query, query));
  }

  @Get(':id')
  @IdParam('The intake.')
  @Endpoint({
    summary: 'Get an intake',
    description: 'A deleted intake, or one of another person, is answered with 404.',
    returns: IntakeDto,
    errors: ['not-found'],
  })
  getIntake(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return this.of(actor).get(id);
  }

  @Patch(':id')
  @IdParam('The intake.')
  @Endpoint({
    summary: 'Update an intake',
    description:
      'Fields that are not sent do not change. `confirmed: true` closes its alerts on all devices.',
    returns: IntakeDto,
    errors: ['not-found', 'version-conflict', 'dose-limit'],
  })
  updateIntake(
    @CurrentActor() actor: Actor,
    @Param('id', UuidPipe) id: string,
    @Body() { version, ...input }: UpdateIntakeDto,
  ) {
    return this.of(actor).update(actor, id, { ...input }, version);
  }

  @Delete(':id')
  @IdParam('The intake.')
  @Endpoint({
    summary: 'Delete an intake',
    description: 'A scheduled dose is then as if nobody had ticked it, and the stock has its amount again.',
    status: 204,
    errors: ['not-found'],
  })
  deleteIntake(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return this.of(actor).remove(actor, id);
  }

  private of({ userId }: Actor): IntakesRepository {
    return new IntakesRepository(this.records, person(userId));
  }
}
