import { Controller, Get, Param, Query } from '@nestjs/common';
import { type Actor, CurrentActor, Shareable } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { IdParam, UuidPipe } from '../../../kernel/http/uuid.pipe.js';
import { MedicationsSection } from './medications.controller.js';
import { medications } from './medications.scopes.js';
import { AdherenceDto, AdherenceQuery, DuplicatesDto, StockDto } from './overview.dto.js';
import { OverviewService } from './overview.service.js';

@MedicationsSection()
@Shareable(medications)
@Controller('api/medications')
export class OverviewController {
  constructor(private readonly overview: OverviewService) {}

  @Get('adherence')
  @Endpoint({
    summary: 'Get the adherence',
    description:
      'How the expected doses of some local days were taken, for each medication. Doses whose window is not over count when they are ticked.',
    returns: AdherenceDto,
  })
  getAdherence(@CurrentActor() actor: Actor, @Query() query: AdherenceQuery) {
    return this.overview.adherence(actor, query);
  }

  @Get('duplicates')
  @Endpoint({
    summary: 'List duplicate ingredients',
    description:
      'Ingredients that two or more medications contain, by `ingredient_codes`. Show them to the person.',
    returns: DuplicatesDto,
  })
  listDuplicates(@CurrentActor() actor: Actor) {
    return this.overview.duplicates(actor);
  }

  @Get(':id/stock')
  @IdParam('The medication.')
  @Endpoint({
    summary: 'Get the stock of a medication',
    description:
      'What is left, and when the expected doses will have used it up. It is computed from lots and intakes, so that no two devices can overwrite it.',
    returns: StockDto,
    errors: ['not-found'],
  })
  getStock(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return this.overview.stock(actor, id);
  }
}
