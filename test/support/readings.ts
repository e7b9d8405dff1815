import { metricKinds } from '../../src/modules/health/health-metrics/metric-kinds.js';
import type { MetricKind } from '../../src/modules/health/health-metrics/metric-kind.js';
import { rangeIn } from '../../src/modules/health/health-metrics/metric-kinds.js';
import type { Api } from './api.js';
import type { Wire } from './sync.js';

export const READINGS = '/api/health-metrics';
export const AT = '2026-01-06T06:40:00.000Z';

export const kindNamed = (name: string): MetricKind => {
  const kind = metricKinds.find((one) => one.name === name);
  if (!kind) throw new Error(`There is no ${name}`);
  return kind;
};

/** The kinds that are written here; weights have routes of their own. */
export const writtenKinds = metricKinds.filter(({ name }) => name !== 'body_weight');

/** A reading that is valid for its kind, with the value in the middle of its range unless another is given. */
export function reading(name: string, values: Wire = {}): Wire {
  const kind = kindNamed(name);
  const unit = kind.units.find((one) => one.unit === values['unit']) ?? kind.units[0]!;
  const [minimum, maximum] = rangeIn(unit, kind.soft);
  const base = {
    metric: name,
    unit: unit.unit,
    measured_at: AT,
    time_zone: 'Europe/Berlin',
    source: name === 'bmi' ? 'scale' : 'manual',
    ...(kind.shape === 'interval' ? { ended_at: '2026-01-06T06:50:00.000Z' } : {}),
  };
  return kind.components.length > 0
    ? { ...base, components: { systolic: 120 / unit.factor, diastolic: 80 / unit.factor }, ...values }
    : { ...base, value: (minimum + maximum) / 2, ...values };
}

/** Sends readings and returns what became of each. */
export async function bulk(api: Api, readings: readonly Wire[]): Promise<Wire[]> {
  const { status, body } = await api.post(`${READINGS}/bulk`, { readings });
  if (status !== 200) throw new Error(`bulk answered ${status}: ${JSON.stringify(body)}`);
  return body['data'] as Wire[];
}

/** All readings of a list, page by page. */
export async function listAll(api: Api, path: string, limit = 500): Promise<Wire[]> {
  const rows: Wire[] = [];
  for (let cursor: string | undefined; ;) {
    const query = `limit=${limit}${cursor === undefined ? '' : `&cursor=${cursor}`}`;
    const { status, body } = await api.get(`${path}${path.includes('?') ? '&' : '?'}${query}`);
    if (status !== 200) throw new Error(`${path} answered ${status}: ${JSON.stringify(body)}`);
    rows.push(...body['data']);
    cursor = body['pagination'].next;
    if (cursor === undefined) return rows;
  }
}
