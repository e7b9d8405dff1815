import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { type Actor, CurrentActor, Shareable } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { Section } from '../../../kernel/http/openapi/section.js';
import { pageOf } from '../../../kernel/http/paging.js';
import { IdParam, UuidPipe } from '../../../kernel/http/uuid.pipe.js';
import { Idempotent } from '../../../kernel/idempotency/idempotency.interceptor.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import { UsersService } from '../../identity/public.js';
import {
  CreateSleepDto,
  NightsDto,
  NightsQuery,
  SleepDto,
  SleepPageDto,
  SleepQuery,
  UpdateSleepDto,
} from './sleep.dto.js';
import { SleepRepository } from './sleep.repository.js';
import { sleep } from './sleep.scopes.js';

@Section('Sleep', 'Nights and naps with their stages, and the totals of each local day.')
@Shareable(sleep)
@Controller('api/sleep')
export class SleepController {
  constructor(
    private readonly records: Records,
    private readonly users: UsersService,
  ) {}

  @Post()
  @Idempotent()
  @Endpoint({
    summary: 'Create a sleep session',
    description:
      'To repeat it safely, send an `external_id`, an `id` that the client created, or an `Idempotency-Key`. The same `external_id` with other values corrects the session.',
    status: 201,
    returns: SleepDto,
    errors: ['id-taken', 'quota-exceeded', 'idempotency-key-reused'],
  })
  async createSleep(@CurrentActor() actor: Actor, @Body() body: CreateSleepDto) {
    return this.of(actor).add(actor, body, (await this.users.get(actor.userId)).timeZone);
  }

  @Get()
  @Endpoint({
    summary: 'List sleep sessions',
    description:
      'The one that ended last first, of all sources, also those that overlap. `pagination.total` counts all that match the filters.',
    returns: SleepPageDto,
  })
  async listSleep(@CurrentActor() actor: Actor, @Query() query: SleepQuery) {
    return pageOf(query, await this.of(actor).list(query, query));
  }

  @Get('nights')
  @Endpoint({
    summary: 'Get nights',
    description:
      'Each session counts for the local day on which it ended. Of sessions that overlap, one counts: that of the source that comes first in the person’s order, and of one source the longest. Time that only the others cover is not counted.',
    returns: NightsDto,
  })
  async listNights(@CurrentActor() actor: Actor, @Query() { from, to }: NightsQuery) {
    return { data: await this.of(actor).nights(from, to) };
  }

  @Get(':id')
  @IdParam('The session.')
  @Endpoint({
    summary: 'Get a sleep session',
    description: 'A deleted session, or one of another person, is answered with 404.',
    returns: SleepDto,
    errors: ['not-found'],
  })
  getSleep(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return this.of(actor).get(id);
  }

  @Patch(':id')
  @IdParam('The session.')
  @Endpoint({
    summary: 'Update a sleep session',
    description: 'Fields that are not sent do not change; `stages` is replaced as a whole.',
    returns: SleepDto,
    errors: ['not-found', 'version-conflict'],
  })
  updateSleep(
    @CurrentActor() actor: Actor,
    @Param('id', UuidPipe) id: string,
    @Body() { version, ...input }: UpdateSleepDto,
  ) {
    return this.of(actor).update(actor, id, { ...input }, version);
  }

  @Delete(':id')
  @IdParam('The session.')
  @Endpoint({
    summary: 'Delete a sleep session',
    description:
      'Other devices get the deletion by sync. A deleted session stays deleted when its source uploads it again.',
    status: 204,
    errors: ['not-found'],
  })
  deleteSleep(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return this.of(actor).remove(actor, id);
  }

  private of({ userId }: Actor): SleepRepository {
    return new SleepRepository(this.records, person(userId));
  }
}
