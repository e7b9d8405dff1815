import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { type Actor, CurrentActor, Shareable, ShowsOtherData } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { Section } from '../../../kernel/http/openapi/section.js';
import { pageOf, PageQuery } from '../../../kernel/http/paging.js';
import { IdParam, UuidPipe } from '../../../kernel/http/uuid.pipe.js';
import { Idempotent } from '../../../kernel/idempotency/idempotency.interceptor.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import {
  CreateGoalDto,
  GoalDto,
  GoalPageDto,
  GoalProgressDto,
  GoalProgressQuery,
  GoalStandingsDto,
  UpdateGoalDto,
} from './goals.dto.js';
import { GoalsRepository } from './goals.repository.js';
import { goals } from './goals.scopes.js';
import { GoalsService } from './goals.service.js';

@Section('Goals', 'What a person aims at, and how far it is. [The guide](/docs/guide/goals).')
@Shareable(goals)
@ShowsOtherData()
@Controller('api/goals')
export class GoalsController {
  constructor(
    private readonly records: Records,
    private readonly goals: GoalsService,
  ) {}

  @Post()
  @Idempotent()
  @Endpoint({
    summary: 'Create a goal',
    description: 'To repeat it safely, send an `Idempotency-Key` or an `id` that the client created.',
    status: 201,
    returns: GoalDto,
    errors: ['id-taken', 'quota-exceeded', 'idempotency-key-reused'],
  })
  createGoal(@CurrentActor() actor: Actor, @Body() input: CreateGoalDto) {
    return this.goals.create(actor, input);
  }

  @Get()
  @Endpoint({
    summary: 'List goals',
    description: 'The newest first, archived ones among them.',
    returns: GoalPageDto,
  })
  async listGoals(@CurrentActor() actor: Actor, @Query() query: PageQuery) {
    return pageOf(query, await this.of(actor).list(query));
  }

  @Get('today')
  @Endpoint({
    summary: 'Get the goals of today',
    description:
      'The current period of each goal, and its streaks. An API key gets the goals whose values it may read.',
    returns: GoalStandingsDto,
  })
  getGoalsOfToday(@CurrentActor() actor: Actor) {
    return this.goals.standings(actor);
  }

  @Get(':id')
  @IdParam('The goal.')
  @Endpoint({
    summary: 'Get a goal',
    description: 'A deleted goal, or one of another person, is answered with 404.',
    returns: GoalDto,
    errors: ['not-found'],
  })
  getGoal(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return this.of(actor).get(id);
  }

  @Get(':id/progress')
  @IdParam('The goal.')
  @Endpoint({
    summary: 'Get the progress of a goal',
    description:
      'Its periods that have a day in the asked period, up to today. They are computed from what is stored now, so that an old entry that changes is in it. An API key without the scope of the area that has the values, such as `metrics:read`, gets periods without a value.',
    returns: GoalProgressDto,
    errors: ['not-found'],
  })
  getGoalProgress(
    @CurrentActor() actor: Actor,
    @Param('id', UuidPipe) id: string,
    @Query() query: GoalProgressQuery,
  ) {
    return this.goals.progress(actor, id, query);
  }

  @Patch(':id')
  @IdParam('The goal.')
  @Endpoint({
    summary: 'Update a goal',
    description: 'Fields that are not sent do not change. All periods are compared with the new target.',
    returns: GoalDto,
    errors: ['not-found', 'version-conflict'],
  })
  updateGoal(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string, @Body() input: UpdateGoalDto) {
    return this.goals.update(actor, id, input);
  }

  @Delete(':id')
  @IdParam('The goal.')
  @Endpoint({
    summary: 'Delete a goal',
    description: 'To keep its history, archive it instead.',
    status: 204,
    errors: ['not-found'],
  })
  deleteGoal(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return this.of(actor).remove(actor, id);
  }

  private of({ userId }: Actor): GoalsRepository {
    return new GoalsRepository(this.records, person(userId));
  }
}
