import { Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import { mayRead } from '../../../kernel/access/scopes.js';
import type { Actor } from '../../../kernel/http/actor.js';
import { Clock } from '../../../platform/clock.js';
import { isoText } from '../../../platform/instant-text.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import type { HealthMetric } from '../health-metrics/health-metric.entity.js';
import { CustomMetricsRepository } from '../health-metrics/custom-metrics.repository.js';
import type { HealthMetricDto } from '../health-metrics/health-metrics.dto.js';
import { healthMetricRecord } from '../health-metrics/health-metrics.record.js';
import { daysOfReadings } from '../health-metrics/health-metrics.repository.js';
import { checkDays, onDays } from '../health-metrics/local-days.js';
import { CUSTOM } from '../health-metrics/metric-kinds.js';
import type { WeightEntry } from '../health-metrics/weight-entry.entity.js';
import { weightReading } from '../health-metrics/weight-readings.js';
import { weightRecord } from '../health-metrics/weight.record.js';
import { medications } from '../medications/medications.scopes.js';
import type { SleepSession } from '../sleep/sleep.entity.js';
import { sleepRecord } from '../sleep/sleep.record.js';
import { daysOfSleep } from '../sleep/sleep.repository.js';
import type { FhirBundleDto, FhirQuery } from './fhir.dto.js';
import { MedicationResources } from './medication-resources.js';
import type { Surroundings } from './observation.js';
import { observationPage, observed, type ReadObserved } from './observation-pages.js';
import { ObservedRows } from './observed-rows.js';
import { type OwnNames, readingObservation } from './reading-observation.js';
import { sleepObservation } from './sleep-observation.js';

const READINGS = '/api/health-metrics/fhir';
const SLEEP = '/api/sleep/fhir';

/** What a person measured and took, as FHIR R4 writes it. */
@Injectable()
export class FhirService {
  constructor(
    private readonly records: Records,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** @throws Problem `validation` for a wrong period, or a cursor of another list */
  readings(actor: Actor, query: FhirQuery): Promise<FhirBundleDto> {
    checkDays(query);
    const medicines = mayRead(actor, medications) ? this.medicines(actor, query) : [];
    return this.bundle(actor, READINGS, query, [
      this.metrics(actor, query),
      this.weights(actor, query),
      ...medicines,
    ]);
  }

  /** @throws the same */
  sleep(actor: Actor, query: FhirQuery): Promise<FhirBundleDto> {
    checkDays(query);
    const rows = new ObservedRows<SleepSession>(
      this.records,
      sleepRecord,
      person(actor.userId),
      'sorted_at',
      0,
    );
    const surroundings = this.surroundings(actor);
    return this.bundle(actor, SLEEP, query, [
      async (after, count) =>
        observed(
          await rows.after(after, daysOfSleep(query), count),
          rows.rank,
          ({ sortedAt }) => sortedAt,
          (session) => sleepObservation(session, surroundings),
        ),
    ]);
  }

  private metrics(actor: Actor, query: FhirQuery): ReadObserved {
    const rows = new ObservedRows<HealthMetric>(
      this.records,
      healthMetricRecord,
      person(actor.userId),
      'measured_at',
      0,
    );
    const surroundings = this.surroundings(actor);
    return async (after, count) => {
      const found = await rows.after(after, daysOfReadings(query), count);
      const names = await this.namesOf(actor, found);
      return observed(
        found,
        rows.rank,
        ({ measuredAt }) => measuredAt,
        (reading) => readingObservation(reading, surroundings, names),
      );
    };
  }

  private weights(actor: Actor, query: FhirQuery): ReadObserved {
    const rows = new ObservedRows<WeightEntry>(
      this.records,
      weightRecord,
      person(actor.userId),
      'timestamp',
      1,
    );
    const surroundings = this.surroundings(actor);
    return async (after, count) => {
      const found = await rows.after(after, onDays('timestamp', query), count);
      return observed(
        found,
        rows.rank,
        ({ timestamp }) => timestamp,
        (entry) => readingObservation(weightReading(entry), surroundings, new Map()),
      );
    };
  }

  private medicines(actor: Actor, query: FhirQuery): ReadObserved[] {
    const own = new MedicationResources(this.records, this.surroundings(actor), this.clock.date());
    return [own.administrations(query), own.statements()];
  }

  /** The names of the person's own kinds, also of those that were deleted since. */
  private async namesOf(
    { userId }: Actor,
    readings: readonly Pick<HealthMetricDto, 'metric'>[],
  ): Promise<OwnNames> {
    const ids = new Set(readings.flatMap(({ metric }) => CUSTOM.exec(metric)?.[1] ?? []));
    const own = await new CustomMetricsRepository(this.records, person(userId)).findAll([...ids]);
    return new Map(own.map(({ id, name }) => [`custom:${id}`, name]));
  }

  private surroundings({ userId }: Actor): Surroundings {
    return { userId, origin: this.config.env.PUBLIC_URL };
  }

  private async bundle(
    actor: Actor,
    path: string,
    query: FhirQuery,
    tables: readonly ReadObserved[],
  ): Promise<FhirBundleDto> {
    const { from, to } = query;
    const { resources, next } = await observationPage([path, actor.userId, from, to], query, tables);
    const address = (cursor: string | undefined): string =>
      `${this.config.env.PUBLIC_URL}${path}?${parametersOf(actor, { ...query, cursor })}`;
    const entry = resources.map((resource) => ({
      fullUrl: `urn:uuid:${resource.id}`,
      resource,
      search: { mode: 'match' } as const,
    }));
    return {
      resourceType: 'Bundle',
      type: 'searchset',
      timestamp: isoText(this.clock.date()),
      link: [
        { relation: 'self', url: address(query.cursor) },
        ...(next === undefined ? [] : [{ relation: 'next' as const, url: address(next) }]),
      ],
      ...(entry.length > 0 && { entry }),
    };
  }
}

/** The query of an address. Somebody who reads the data of another person has to say so on each page. */
function parametersOf(
  { userId, viewerId }: Actor,
  query: FhirQuery & { cursor?: string | undefined },
): URLSearchParams {
  const { from, to, limit, cursor } = query;
  const owner = viewerId === undefined ? undefined : userId;
  const given = Object.entries({ from, to, limit: String(limit), owner_id: owner, cursor });
  return new URLSearchParams(given.filter((pair): pair is [string, string] => pair[1] !== undefined));
}
