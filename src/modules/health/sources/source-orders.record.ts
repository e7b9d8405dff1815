import { defineRecord } from '../../../records/define/define-record.js';
import { SourceOrder } from './source-order.entity.js';
import { SourceOrderFieldsDto } from './source-orders.dto.js';

export const sourceOrderRecord = defineRecord({
  kind: 'source_order',
  entity: SourceOrder,
  fields: SourceOrderFieldsDto,
  data: SourceOrderFieldsDto,
  groups: [['sources']],
  // One counts. Phones that were offline may have made others.
  most: 20,
});

/**
 * The id of the first order of every person, so that two phones that are offline make one record: the UUIDv5 of `source_order`
 * in the namespace of readings.
 */
export const FIRST_ORDER_ID = '2981eb0b-b953-57b8-b851-01b55665527f';
