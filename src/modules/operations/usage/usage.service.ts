import { Injectable } from '@nestjs/common';
import { Quotas } from '../../../kernel/quotas/quotas.js';
import { person } from '../../../records/define/person/person.owner.js';
import { RecordCatalog } from '../../../records/define/record-catalog.js';
import { NO_RECORDS, totalOf } from '../../../records/merge/record-counts.js';
import { RecordLimits } from '../../../records/write/record-limits.js';
import { Records } from '../../../records/write/records.js';
import type { UsageDto } from './usage.dto.js';

/** How much an account uses of what it may store. */
@Injectable()
export class UsageService {
  constructor(
    private readonly quotas: Quotas,
    private readonly records: Records,
    private readonly limits: RecordLimits,
    private readonly catalog: RecordCatalog,
  ) {}

  async of(userId: string): Promise<UsageDto> {
    const owner = person(userId);
    const [counts, quotas] = await Promise.all([this.records.counts(owner), this.quotas.of(userId)]);
    const { live: used, deleted } = totalOf(counts);
    const kinds = this.catalog.ownedBy(owner.type).map(({ name, definition }) => {
      const own = counts[name] ?? NO_RECORDS;
      return { kind: name, limit: this.limits.limitOf(definition), used: own.live, deleted: own.deleted };
    });
    return { records: { limit: this.limits.inAll, used, deleted }, kinds, quotas };
  }
}
