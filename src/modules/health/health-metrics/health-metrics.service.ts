import { Injectable } from '@nestjs/common';
import { validate } from '../../../kernel/http/check.js';
import { cut } from '../../../kernel/http/cut.js';
import type { Actor } from '../../../kernel/http/actor.js';
import type { Listing, Place } from '../../../kernel/http/paging.js';
import { type FieldError, invalidField, Problem } from '../../../kernel/http/problem.js';
import { TimeSlice } from '../../../platform/time-slice.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import { UsersService } from '../../identity/public.js';
import { CustomMetricsRepository } from './custom-metrics.repository.js';
import { type Refused, storedRecord, type Uploaded } from '../uploads.js';
import { AllReadings } from './all-readings.js';
import { checkDays } from './local-days.js';
import { uploadOf } from './external-id.js';
import type { HealthMetric } from './health-metric.entity.js';
import {
  type BulkHealthMetricDto,
  CreateHealthMetricDto,
  type CreateMetricOfKindDto,
  type HealthMetricDto,
  type HealthMetricQuery,
  type ListedMetricDto,
  type UpdateHealthMetricDto,
} from './health-metrics.dto.js';
import { HealthMetricsRepository } from './health-metrics.repository.js';
import { BODY_WEIGHT } from './metric-kinds.js';
import type { MetricKindDto } from './metric-kinds.dto.js';
import { shownKinds } from './metric-kinds.presenter.js';
import { ownIdOf } from './own-kind-rules.js';
import type { ReadingFilter } from './readings.repository.js';
import { shownRules } from './shown-rules.js';
import { MANUAL, weightReading } from './weight-readings.js';
import { WeightRepository } from './weight.repository.js';

/** Readings of all kinds. Those of the person's own kinds follow the rules of that kind; weights come from their own table. */
@Injectable()
export class HealthMetricsService {
  constructor(
    private readonly records: Records,
    private readonly users: UsersService,
  ) {}

  async kinds({ userId }: Actor): Promise<MetricKindDto[]> {
    return shownKinds(await this.customOf(userId).newestById());
  }

  /** @throws Problem `validation`, `id-taken`, `quota-exceeded` */
  async create(actor: Actor, input: CreateHealthMetricDto): Promise<HealthMetricDto> {
    const [result] = await this.store(actor, [input]);
    return storedRecord(result);
  }

  /** @throws the same, and Problem `not-found` for an own kind that does not exist */
  async createOfKind(actor: Actor, metric: string, input: CreateMetricOfKindDto): Promise<HealthMetricDto> {
    await this.known(actor, metric);
    return this.create(actor, { ...input, metric });
  }

  /** Stores what is right, in one transaction, and says what is wrong with the rest. */
  async createAll(actor: Actor, readings: readonly unknown[]): Promise<BulkHealthMetricDto[]> {
    const slice = new TimeSlice();
    const read: (CreateHealthMetricDto | FieldError[])[] = [];
    for (const one of readings) {
      read.push(validate(CreateHealthMetricDto, one));
      if (slice.isOver) await slice.next();
    }
    const sound = read.filter((one): one is CreateHealthMetricDto => !Array.isArray(one));
    const stored = await this.store(actor, sound);
    let next = 0;
    return read.map((one) => (Array.isArray(one) ? rejected(one[0]) : resultOf(stored[next++])));
  }

  async list(actor: Actor, query: HealthMetricQuery, metric?: string): Promise<Listing<ListedMetricDto>> {
    const { from, to, source } = query;
    checkDays(query);
    if (metric !== undefined) await this.known(actor, metric);
    const owner = person(actor.userId);
    const rules = await shownRules(this.records, owner, await this.customOf(actor.userId).newestById());
    const filter = { metric, from, to, source, shown: query.shown ? rules : undefined };
    const { data, ...rest } = await this.page(actor, filter, query);
    const shown = query.shown
      ? new Set(data)
      : await new AllReadings(this.records, owner).choice(rules)(data);
    return { ...rest, data: data.map((one) => ({ ...one, shown: shown.has(one) })) };
  }

  private async page(
    actor: Actor,
    { metric, ...filter }: ReadingFilter,
    place: Place,
  ): Promise<Listing<HealthMetricDto>> {
    if (metric === undefined) return new AllReadings(this.records, person(actor.userId)).list(filter, place);
    if (metric !== BODY_WEIGHT) return this.of(actor).listOf({ ...filter, metric }, place);
    const { data, ...rest } = await this.weightsOf(actor).listOf(filter, place);
    return { ...rest, data: data.map(weightReading) };
  }

  /** @throws Problem `not-found` when it does not exist, is deleted, is of another kind or has another owner */
  async get(actor: Actor, metric: string, id: string): Promise<HealthMetricDto> {
    if (metric === BODY_WEIGHT) return weightReading(await this.weightsOf(actor).get(id));
    const reading = await this.of(actor).get(id);
    if (reading.metric !== metric) throw new Problem('not-found');
    return reading;
  }

  async update(
    actor: Actor,
    metric: string,
    id: string,
    { version, ...input }: UpdateHealthMetricDto,
  ): Promise<HealthMetricDto> {
    refuseWeight(metric);
    await this.get(actor, metric, id);
    return this.of(actor).update(actor, id, { ...input }, version);
  }

  async remove(actor: Actor, metric: string, id: string): Promise<void> {
    refuseWeight(metric);
    await this.get(actor, metric, id);
    await this.of(actor).remove(actor, id);
  }

  private async store(
    actor: Actor,
    inputs: readonly CreateHealthMetricDto[],
  ): Promise<(Uploaded<HealthMetric> | Refused)[]> {
    if (inputs.length === 0) return [];
    const uploads = inputs.map(({ source = MANUAL, ...input }) =>
      uploadOf(input.metric, { ...input, source }),
    );
    return this.of(actor).upload(actor, uploads, await this.timeZoneOf(actor));
  }

  /** @throws Problem `not-found` for an own kind that does not exist */
  private async known({ userId }: Actor, metric: string): Promise<void> {
    const id = ownIdOf(metric);
    if (id === undefined) return;
    const own = await this.customOf(userId).findLive([id]);
    if (own.size === 0) throw new Problem('not-found');
  }

  private async timeZoneOf({ userId }: Actor): Promise<string> {
    return (await this.users.get(userId)).timeZone;
  }

  private of({ userId }: Actor): HealthMetricsRepository {
    return new HealthMetricsRepository(this.records, person(userId));
  }

  private weightsOf({ userId }: Actor): WeightRepository {
    return new WeightRepository(this.records, person(userId));
  }

  private customOf(userId: string): CustomMetricsRepository {
    return new CustomMetricsRepository(this.records, person(userId));
  }
}

function refuseWeight(metric: string): void {
  if (metric === BODY_WEIGHT)
    throw invalidField('kind', 'not-allowed', 'body_weight is written at /api/health-metrics/weight');
}

function resultOf(result: Uploaded<HealthMetric> | Refused | undefined): BulkHealthMetricDto {
  if (result && 'record' in result) return { status: result.status, id: result.record.id };
  if (result && 'error' in result) return rejected(result.error);
  return rejected({
    field: '',
    code: 'quota-exceeded',
    message: 'no further reading fits; see GET /api/users/me/usage',
  });
}

const rejected = (error: FieldError | undefined): BulkHealthMetricDto => ({
  status: 'rejected',
  id: null,
  error: {
    field: cut(error?.field ?? '', 64),
    code: error?.code ?? 'invalid',
    message: cut(error?.message ?? '', 300),
  },
});
