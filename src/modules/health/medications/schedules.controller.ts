import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { type Actor, CurrentActor, Shareable } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { pageOf } from '../../../kernel/http/paging.js';
import { IdParam, UuidPipe } from '../../../kernel/http/uuid.pipe.js';
import { Idempotent } from '../../../kernel/idempotency/idempotency.interceptor.js';
import { Clock } from '../../../platform/clock.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import { MedicationsSection } from './medications.controller.js';
import { medications } from './medications.scopes.js';
import {
  CreateScheduleDto,
  OfMedicationQuery,
  ScheduleDto,
  SchedulePageDto,
  UpdateScheduleDto,
} from './schedules.dto.js';
import { SchedulesRepository } from './schedules.repository.js';

@MedicationsSection()
@Shareable(medications)
@Controller('api/medication-schedules')
export class SchedulesController {
  constructor(
    private readonly records: Records,
    private readonly clock: Clock,
  ) {}

  @Post()
  @Idempotent()
  @Endpoint({
    summary: 'Create or change a schedule',
    description:
      'With `version_of` it changes that schedule from `starts_on`, which is today or later: earlier days keep their doses. A version with the recurrence `paused` ends or interrupts a schedule. To repeat it safely, send an `Idempotency-Key` or an `id` that the client created.',
    status: 201,
    returns: ScheduleDto,
    errors: ['id-taken', 'quota-exceeded', 'idempotency-key-reused'],
  })
  createSchedule(@CurrentActor() actor: Actor, @Body() body: CreateScheduleDto) {
    return this.of(actor).add(actor, body, this.clock.date());
  }

  @Get()
  @Endpoint({
    summary: 'List schedules',
    description: 'All versions of all schedules, the newest first.',
    returns: SchedulePageDto,
  })
  async listSchedules(@CurrentActor() actor: Actor, @Query() query: OfMedicationQuery) {
    return pageOf(query, await this.of(actor).list(query.medicationId, query));
  }

  @Get(':id')
  @IdParam('The version of a schedule.')
  @Endpoint({
    summary: 'Get a version of a schedule',
    description: 'A deleted version, or one of another person, is answered with 404.',
    returns: ScheduleDto,
    errors: ['not-found'],
  })
  getSchedule(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return this.of(actor).get(id);
  }

  @Patch(':id')
  @IdParam('The version of a schedule.')
  @Endpoint({
    summary: 'Update a version of a schedule',
    description:
      'Fields that are not sent do not change. After the day on which the version begins, only `meal_relation` and `note` can be changed: create a version for the rest.',
    returns: ScheduleDto,
    errors: ['not-found', 'version-conflict'],
  })
  updateSchedule(
    @CurrentActor() actor: Actor,
    @Param('id', UuidPipe) id: string,
    @Body() { version, ...input }: UpdateScheduleDto,
  ) {
    return this.of(actor).update(actor, id, { ...input }, version);
  }

  @Delete(':id')
  @IdParam('The version of a schedule.')
  @Endpoint({
    summary: 'Delete a version of a schedule',
    description:
      'As if it had never been: the version before it counts again, and the first one leaves its days without doses. Intakes are kept. To end a schedule, create a `paused` version instead.',
    status: 204,
    errors: ['not-found'],
  })
  deleteSchedule(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return this.of(actor).remove(actor, id);
  }

  private of({ userId }: Actor): SchedulesRepository {
    return new SchedulesRepository(this.records, person(userId));
  }
}
