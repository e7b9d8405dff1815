import { Module } from '@nestjs/common';
import { FhirModule } from './fhir/fhir.module.js';
import { HealthMetricsModule } from './health-metrics/health-metrics.module.js';
import { ImportsModule } from './imports/imports.module.js';
import { MedicationsModule } from './medications/medications.module.js';
import { SleepModule } from './sleep/sleep.module.js';
import { SourcesModule } from './sources/sources.module.js';
import { TimelineModule } from './timeline/timeline.module.js';

/** Body measurements, sleep and medications of a person, imports of them, and where they come from. */
@Module({
  imports: [
    FhirModule,
    HealthMetricsModule,
    ImportsModule,
    MedicationsModule,
    SleepModule,
    SourcesModule,
    TimelineModule,
  ],
})
export class HealthModule {}
