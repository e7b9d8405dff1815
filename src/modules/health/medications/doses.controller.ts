import { Body, Controller, Get, Param, Put, Query } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { type Actor, CurrentActor, Shareable } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { UuidPipe } from '../../../kernel/http/uuid.pipe.js';
import { DosesDto, DosesQuery, TickDoseDto } from './doses.dto.js';
import { doses } from './doses.examples.js';
import { DosesService } from './doses.service.js';
import { IntakeDto } from './intakes.dto.js';
import { MedicationsSection } from './medications.controller.js';
import { medications } from './medications.scopes.js';

@MedicationsSection()
@Shareable(medications)
@Controller('api/medications/doses')
export class DosesController {
  constructor(private readonly doses: DosesService) {}

  @Get()
  @Endpoint({
    summary: 'List doses',
    description:
      'What the schedules expect on some local days, in the order in which it is due, and what became of it. Doses are computed: a phone without a connection computes the same, with the same ids.',
    returns: DosesDto,
  })
  listDoses(@CurrentActor() actor: Actor, @Query() query: DosesQuery) {
    return this.doses.list(actor, query);
  }

  @Put(':dose_id')
  @ApiParam({
    name: 'dose_id',
    description: 'The dose.',
    schema: { type: 'string', format: 'uuid', example: doses.id },
  })
  @Endpoint({
    summary: 'Tick a dose',
    description:
      'Stores that a scheduled dose was taken, skipped or put off. It may be repeated, by anybody and from any device: a dose is one intake, and one that is taken stays as it was ticked first. To change it nevertheless, send its `version`.',
    returns: IntakeDto,
    errors: ['version-conflict', 'dose-limit', 'quota-exceeded'],
  })
  tickDose(@CurrentActor() actor: Actor, @Param('dose_id', UuidPipe) id: string, @Body() body: TickDoseDto) {
    return this.doses.tick(actor, id, body);
  }
}
