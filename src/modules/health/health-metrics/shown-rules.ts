import type { Owner } from '../../../records/define/owner.js';
import type { Records } from '../../../records/write/records.js';
import { SourceOrdersRepository } from '../sources/source-orders.repository.js';
import type { CustomMetric } from './custom-metric.entity.js';
import { metricKinds } from './metric-kinds.js';
import { minuteOf, type ShownKey, type ShownRules } from './shown.js';

const ADDITIVE = metricKinds.filter(({ rollUp }) => rollUp === 'sum').map(({ name }) => name);

/** How the readings of a person are chosen now. @param own the person's own kinds */
export const shownRules = async (
  records: Records,
  owner: Owner,
  own: readonly Pick<CustomMetric, 'id' | 'rollUp'>[],
): Promise<ShownRules> => ({
  order: await new SourceOrdersRepository(records, owner).sources(),
  additive: [...ADDITIVE, ...own.filter(({ rollUp }) => rollUp === 'sum').map(({ id }) => `custom:${id}`)],
});

/** What decides whether this reading is shown. */
export const shownKeyOf = ({
  metric,
  measuredAt,
  source,
}: {
  readonly metric: string;
  readonly measuredAt: Date;
  readonly source: string;
}): ShownKey => ({ metric, minute: minuteOf(measuredAt), source });
