import { Documented } from '../../../kernel/http/documented.js';
import { EnumField, IntegerField, ListField, ObjectField, StringField } from '../../../kernel/http/fields.js';
import { quotas } from './declared-quotas.js';

const MAX = 2_000_000_000;

const limit = (description: string, example: number) => ({ description, example, min: 0, max: MAX });
const used = (description: string, example: number) => ({ description, example, min: 0, max: MAX });

@Documented({ description: 'The quota of all records.' })
export class RecordsUsageDto {
  @IntegerField(limit('Live records, of all kinds together, from which on no new one is stored.', 1_000_000))
  limit!: number;

  @IntegerField(used('Live records. It may exceed the limit, which refuses only new records.', 1_204))
  used!: number;

  @IntegerField(
    used(
      'Deleted records that are kept for 180 days, so that every phone learns of the deletion. Live and deleted records together may be twice the limit.',
      17,
    ),
  )
  deleted!: number;
}

@Documented({ description: 'The quota of the records of one kind.' })
export class KindUsageDto {
  @StringField({ description: 'The kind.', example: 'weight', max: 32 })
  kind!: string;

  @IntegerField(limit('Live records of the kind from which on no new one is stored.', 500_000))
  limit!: number;

  @IntegerField(used('Live records of the kind.', 1_204))
  used!: number;

  @IntegerField(used('Deleted records of the kind that are kept for 180 days.', 17))
  deleted!: number;
}

@Documented({ description: 'A quota of the account.' })
export class QuotaUsageDto {
  @EnumField({
    description: 'What is counted; the unit is one of them.',
    example: 'devices',
    values: quotas.map(({ name }) => name),
    name: 'QuotaName',
    meaning: quotas.map(({ name, about }) => `\`${name}\`: ${about}.`).join(' '),
  })
  name!: string;

  @IntegerField(limit('How many there may be.', 100))
  limit!: number;

  @IntegerField(used('How many there are. It may exceed a limit that was lowered.', 3))
  used!: number;
}

const value = {
  records: { limit: 1_000_000, used: 1_204, deleted: 17 },
  kinds: [{ kind: 'weight', limit: 500_000, used: 1_204, deleted: 17 }],
  quotas: [{ name: 'devices', limit: 100, used: 3 }],
};

@Documented({
  description: 'The quotas of the account and their use. All numbers are counts.',
  examples: { usage: { summary: 'A person with two years of weights', value } },
})
export class UsageDto {
  @ObjectField({ description: 'Records of all kinds together.', type: () => RecordsUsageDto })
  records!: RecordsUsageDto;

  @ListField({ description: 'Records by kind, every kind once, by name.', type: () => KindUsageDto })
  kinds!: KindUsageDto[];

  @ListField({ description: 'Everything else, by name.', type: () => QuotaUsageDto })
  quotas!: QuotaUsageDto[];
}
