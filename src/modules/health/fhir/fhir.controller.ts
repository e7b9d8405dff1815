import { Controller, Get, Query } from '@nestjs/common';
import { type Actor, CurrentActor, Shareable, ShowsOtherData } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { Section } from '../../../kernel/http/openapi/section.js';
import { metrics } from '../health-metrics/metrics.scopes.js';
import { sleep } from '../sleep/sleep.scopes.js';
import { FhirBundleDto, FhirQuery } from './fhir.dto.js';
import { FhirService } from './fhir.service.js';

const PAGES =
  'The most recent first, in pages of at most `limit` resources and about 1 MiB: follow the link `next` while there is one.';

@Section(
  'FHIR',
  'Readings, medications and sleep as Bundles of FHIR R4 (`application/fhir+json`), for clinics and other programs that read it. [What becomes what](/docs/guide/health#fhir).',
)
@Controller('api')
export class FhirController {
  constructor(private readonly fhir: FhirService) {}

  @Get('health-metrics/fhir')
  @Shareable(metrics)
  @ShowsOtherData()
  @Endpoint({
    summary: 'Get readings and medications as FHIR R4',
    description: `A Bundle of Observations: readings of all kinds, weights included. Who also has \`medications:read\` gets a MedicationStatement for each medication, whatever the days, and a MedicationAdministration for each dose that was taken or skipped. ${PAGES}`,
    returns: FhirBundleDto,
    mediaType: 'application/fhir+json',
  })
  getMetricsAsFhir(@CurrentActor() actor: Actor, @Query() query: FhirQuery) {
    return this.fhir.readings(actor, query);
  }

  @Get('sleep/fhir')
  @Shareable(sleep)
  @Endpoint({
    summary: 'Get sleep as FHIR R4',
    description: `A Bundle of Observations: one for each session of sleep, with its stages as components. ${PAGES}`,
    returns: FhirBundleDto,
    mediaType: 'application/fhir+json',
  })
  getSleepAsFhir(@CurrentActor() actor: Actor, @Query() query: FhirQuery) {
    return this.fhir.sleep(actor, query);
  }
}
