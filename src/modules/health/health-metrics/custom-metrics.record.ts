import { defineRecord } from '../../../records/define/define-record.js';
import { CustomMetric } from './custom-metric.entity.js';
import { CustomMetricFieldsDto } from './custom-metrics.dto.js';

export const CUSTOM_METRIC = 'custom_metric';
/** More than an app shows; the list of all kinds has all of them. */
export const MAX_CUSTOM = 200;

export const customMetricRecord = defineRecord({
  kind: CUSTOM_METRIC,
  most: MAX_CUSTOM,
  entity: CustomMetric,
  fields: CustomMetricFieldsDto,
  data: CustomMetricFieldsDto,
  groups: [['name'], ['unit'], ['rollUp'], ['valueRange']],
  check: ({ valueRange: range }) =>
    range && range.minimum > range.maximum
      ? [
          {
            field: 'value_range.maximum',
            code: 'out-of-range',
            message: 'value_range.maximum must not be below minimum',
          },
        ]
      : [],
});
