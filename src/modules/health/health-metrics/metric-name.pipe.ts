import { Injectable, type PipeTransform } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { invalidField } from '../../../kernel/http/problem.js';
import { BODY_WEIGHT, CUSTOM, metricKindOf } from './metric-kinds.js';

/** The kind with this name. @throws Problem `validation` for a name that is no kind's */
function kindNamed(value: string): string {
  const name = value.toLowerCase();
  if (metricKindOf(name) || CUSTOM.test(name)) return name;
  throw invalidField(
    'kind',
    'not-allowed',
    'kind must be the name of a kind of GET /api/health-metrics/kinds, or custom: and the id of a kind of your own',
  );
}

/** Accepts the name of a kind in the path. @throws Problem `validation` for a name that is no kind's */
@Injectable()
export class MetricNamePipe implements PipeTransform<string, string> {
  transform(value: string): string {
    return kindNamed(value);
  }
}

/** The kind that a query asks for. Weights have a shorter name in their own routes. */
export const queriedKind = (kind: string | undefined): string | undefined =>
  kind === 'weight' ? BODY_WEIGHT : kind && kindNamed(kind);

/** Documents the path parameter `:kind`. */
export const KindParam = () =>
  ApiParam({
    name: 'kind',
    description: 'The `name` of a kind of `GET /api/health-metrics/kinds`.',
    schema: { type: 'string', maxLength: 64, example: 'heart_rate' },
  });
