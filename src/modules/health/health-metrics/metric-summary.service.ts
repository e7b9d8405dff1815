import { Injectable } from '@nestjs/common';
import { checkDayRange } from '../../../kernel/http/day-range.js';
import { invalidField, Problem } from '../../../kernel/http/problem.js';
import type { OfPerson } from '../../../records/define/person/day-values.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import { CustomMetricsRepository } from './custom-metrics.repository.js';
import { bodyMassIndexOf, composed } from './derived-values.js';
import { HealthMetricsRepository } from './health-metrics.repository.js';
import { addDays } from '../../../kernel/quantities/local-time.js';
import { BODY_HEIGHT, BODY_WEIGHT, CUSTOM, metricKindOf, metricKinds, targetLimits } from './metric-kinds.js';
import type { MetricComponent, MetricKind } from './metric-kind.js';
import type { Explained } from './explanation.js';
import { KeptSums } from './kept-sums.js';
import { MetricSumsRepository, type Summed, type SummedColumn } from './metric-sums.repository.js';
import type {
  BodyMassIndexDto,
  LatestMetricsDto,
  MetricBucketDto,
  MetricExplanationDto,
  MetricPeriodQuery,
  MetricSummaryDto,
  MetricSummaryQuery,
  MetricTrendDto,
  MetricTrendQuery,
} from './metric-summary.dto.js';
import {
  type Bucket,
  combine,
  type RolledBucket,
  type RollUpRules,
  type TargetLimits,
  keyOfBucket,
} from './roll-up.js';
import { trendOf, WARM_UP } from './trend.js';
import { SourceOrdersRepository } from '../sources/source-orders.repository.js';
import { shownRules } from './shown-rules.js';
import { weightReading } from './weight-readings.js';
import { WeightRepository } from './weight.repository.js';

const MAX_DAYS = 3_660;
const MAX_DAYS_BY_HOUR = 31;
/** Readings that are cut into pieces for one answer. */
const MAX_EXPLAINED = 20_000;
/** They have less than 1 MiB. */
const MAX_PIECES = 5_000;

/** What the summary of a kind needs to know of it. */
interface Rolled extends Pick<MetricKind, 'name' | 'unit' | 'rollUp' | 'components'> {
  /** Only readings in this unit: those of a person's own kind cannot be converted. */
  readonly onlyUnit: string | undefined;
  readonly within: TargetLimits | null;
}

const COLUMNS: Readonly<Record<MetricComponent['name'], SummedColumn>> = {
  systolic: 'systolic_mmhg',
  diastolic: 'diastolic_mmhg',
  pulse: 'pulse_per_min',
};

/** Sums, trends and newest readings. */
@Injectable()
export class MetricSummaryService {
  constructor(
    private readonly records: Records,
    private readonly kept: KeptSums,
  ) {}

  /** @throws Problem `not-found` for an own kind that does not exist, `validation` for a wrong period */
  async summary(
    actor: OfPerson,
    metric: string,
    { from, to, bucket = 'day', explain: isExplained }: MetricSummaryQuery,
  ): Promise<MetricSummaryDto> {
    checkDayRange({ from, to }, bucket === 'hour' || isExplained ? MAX_DAYS_BY_HOUR : MAX_DAYS);
    const kind = await this.kindOf(actor, metric);
    if (isExplained) requireExplicable(kind, bucket);
    const rules = await this.rulesOf(actor, kind, bucket);
    const data = await this.buckets(actor, kind, { from, to }, rules);
    if (isExplained) await this.explain(actor, kind, { from, to }, rules, data);
    return { metric, unit: kind.unit, rollUp: kind.rollUp, data };
  }

  /** Adds to each bucket which source counts when. @throws Problem `validation` for a period with too many readings */
  private async explain(
    actor: OfPerson,
    kind: Rolled,
    period: MetricPeriodQuery,
    rules: RollUpRules,
    data: MetricBucketDto[],
  ): Promise<void> {
    const sums = new MetricSumsRepository(this.records, person(actor.userId), false);
    const summed: Summed = { metric: kind.name, unit: kind.onlyUnit, ...period };
    if ((await sums.count(summed)) > MAX_EXPLAINED)
      throw invalidField(
        'to',
        'out-of-range',
        `explain is for at most ${MAX_EXPLAINED} readings: ask for fewer days`,
      );
    const found = await sums.explain(summed, rules);
    const pieces = [...found.values()].reduce(
      (count, { intervals, sources }) => count + intervals.length + sources.length,
      0,
    );
    if (pieces > MAX_PIECES)
      throw invalidField(
        'to',
        'out-of-range',
        `explain has at most ${MAX_PIECES} pieces of time: ask for fewer days`,
      );
    for (const one of data) {
      const why = found.get(keyOfBucket(one.localDate, one.hour));
      if (why) one.explanation = explanationOf(why);
    }
  }

  /** @throws the same; `validation` for a kind with components, which has no single value */
  async trend(
    actor: OfPerson,
    metric: string,
    { from, to, halfLifeDays, forecastDays }: MetricTrendQuery,
  ): Promise<MetricTrendDto> {
    checkDayRange({ from, to }, MAX_DAYS);
    const kind = await this.kindOf(actor, metric);
    if (kind.components.length > 0)
      throw invalidField('kind', 'not-allowed', `${metric} has components and no single value`);
    const rules = await this.rulesOf(actor, kind, 'day');
    const warmUp = addDays(from, -WARM_UP * halfLifeDays);
    const buckets = await this.buckets(actor, kind, { from: warmUp, to }, rules);
    const days = buckets.map(({ localDate, value }) => ({ localDate, value: value ?? 0 }));
    const { days: data, changePerWeek, forecast } = trendOf(days, halfLifeDays, forecastDays, from);
    return { metric, unit: kind.unit, halfLifeDays, changePerWeek, data, forecast: forecast ?? [] };
  }

  async latest(actor: OfPerson): Promise<LatestMetricsDto> {
    const owner = person(actor.userId);
    const own = await new CustomMetricsRepository(this.records, owner).newestById();
    const order = [...metricKinds.map(({ name }) => name), ...own.map(({ id }) => `custom:${id}`)];
    const rules = await shownRules(this.records, owner, own);
    const readings = await new HealthMetricsRepository(this.records, owner).latest(
      order.filter((name) => name !== BODY_WEIGHT),
      rules,
    );
    const entry = await new WeightRepository(this.records, owner).latest(rules);
    const weight = entry && weightReading(entry);
    const data = [...readings, ...(weight ? [weight] : [])].toSorted(
      (a, b) => order.indexOf(a.metric) - order.indexOf(b.metric),
    );
    const height = readings.find((reading) => reading.metric === BODY_HEIGHT);
    return { data, bodyMassIndex: weight && height ? bodyMassIndex(weight, height) : null };
  }

  private async buckets(
    actor: OfPerson,
    kind: Rolled,
    period: MetricPeriodQuery,
    rules: RollUpRules,
  ): Promise<MetricBucketDto[]> {
    const isWeight = kind.name === BODY_WEIGHT;
    const sums = new MetricSumsRepository(this.records, person(actor.userId), isWeight);
    const summed: Summed = { metric: isWeight ? undefined : kind.name, unit: kind.onlyUnit, ...period };
    if (kind.components.length === 0) {
      const parts = await this.kept.parts(sums, summed, isWeight ? 'weight_kg' : 'canonical_value', rules);
      // By Object.assign: what reads the objects of a literal with a spread takes V8 (of Node 20) ten times as long.
      return combine(parts, rules).map((rolled) => Object.assign(rolled, { components: [] }));
    }
    const components: [string, RolledBucket[]][] = [];
    for (const { name } of kind.components)
      components.push([name, combine(await this.kept.parts(sums, summed, COLUMNS[name], rules), rules)]);
    return composed(components);
  }

  private async kindOf({ userId }: OfPerson, metric: string): Promise<Rolled> {
    const known = metricKindOf(metric);
    if (known) return { ...known, onlyUnit: undefined, within: targetLimits(known) };
    const id = CUSTOM.exec(metric)?.[1] ?? '';
    const own = await new CustomMetricsRepository(this.records, person(userId)).findLive([id]);
    const kind = own.get(id);
    if (!kind) throw new Problem('not-found');
    const { unit, rollUp } = kind;
    return { name: metric, unit, rollUp, components: [], onlyUnit: unit, within: null };
  }

  /** Only a sum needs the person's order of sources: only intervals that are added can count twice. */
  private async rulesOf(
    { userId }: OfPerson,
    { rollUp, within }: Rolled,
    bucket: Bucket,
  ): Promise<RollUpRules> {
    const order =
      rollUp === 'sum' ? await new SourceOrdersRepository(this.records, person(userId)).sources() : [];
    return { rollUp, bucket, order, within };
  }
}

/** @throws Problem `validation` for what has no explanation, or too long a one */
function requireExplicable({ name, rollUp }: Rolled, bucket: Bucket): void {
  if (rollUp !== 'sum')
    throw invalidField(
      'explain',
      'not-allowed',
      `explain is for kinds with the roll-up sum; ${name} has ${rollUp}`,
    );
  if (bucket !== 'hour' && bucket !== 'day')
    throw invalidField('bucket', 'not-allowed', 'explain is for the buckets hour and day');
}

const numberOf = (millionths: bigint): number => Number(millionths) / 1e6;

const explanationOf = ({ intervals, sources }: Explained): MetricExplanationDto => ({
  intervals: intervals.map(({ source, from, to, millionths }) => ({
    source,
    startedAt: new Date(from),
    endedAt: new Date(to),
    value: numberOf(millionths),
  })),
  sources: sources.map(({ source, readings, sent, counted }) => ({
    source,
    count: readings,
    sent: numberOf(sent),
    counted: numberOf(counted),
  })),
});

type Measured = Pick<
  LatestMetricsDto['data'][number],
  'id' | 'value' | 'unit' | 'measuredAt' | 'canonicalValue'
>;

function bodyMassIndex(weight: Measured, height: Measured): BodyMassIndexDto {
  const entered = ({ id, value, unit, measuredAt }: Measured) => ({
    id,
    value: value ?? 0,
    unit,
    measuredAt,
  });
  return {
    value: bodyMassIndexOf(weight.canonicalValue ?? 0, height.canonicalValue ?? 0),
    unit: 'kg/m2',
    weight: entered(weight),
    height: entered(height),
  };
}
