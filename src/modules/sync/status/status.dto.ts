import { Documented } from '../../../kernel/http/documented.js';
import {
  BooleanField,
  CodeField,
  InstantField,
  IntegerField,
  ListField,
  ObjectField,
  StringField,
  WordListField,
} from '../../../kernel/http/fields.js';
import { clientId, epoch, seq, serverTime } from '../pull/change.dto.js';
import { kinds } from '../pull/pull.dto.js';

const lastClientSeq = {
  description: 'The greatest `client_seq` that the service has from this client.',
  example: 481,
  min: 0,
  max: Number.MAX_SAFE_INTEGER,
};

export class StatusQuery {
  @CodeField({ ...clientId, description: 'The client whose `last_client_seq` is returned.', optional: true })
  clientId?: string;
}

@Documented({ description: 'A device that syncs.' })
export class SyncClientDto {
  @StringField({ description: clientId.description, example: clientId.example, max: 64 })
  clientId!: string;

  @IntegerField(lastClientSeq)
  lastClientSeq!: number;

  @InstantField({
    description: 'When it last sent something; null if it never did.',
    example: '2026-01-06T20:30:05.000Z',
    nullable: true,
  })
  lastSeenAt!: Date | null;

  @IntegerField({
    description:
      'The clock of the service minus the clock of the device, in milliseconds; null if the device never sent its time.',
    example: 123,
    min: -2_147_483_647,
    max: 2_147_483_647,
    nullable: true,
  })
  clockSkewMs!: number | null;

  @BooleanField({ description: 'Whether it is the client that the request names.', example: true })
  current!: boolean;
}

@Documented({ description: 'Limits of one request.' })
export class SyncLimitsDto {
  @IntegerField({ description: 'Maximum mutations in one push.', example: 100, min: 1, max: 1_000 })
  mutations!: number;

  @IntegerField({ description: 'Maximum changes in one pull.', example: 1_000, min: 1, max: 10_000 })
  pull!: number;

  @IntegerField({
    description: 'Seconds between pulls for a client without a WebSocket.',
    example: 60,
    min: 1,
    max: 3_600,
  })
  pollSeconds!: number;
}

@Documented({ description: 'The state of sync.' })
export class SyncStatusDto {
  @StringField(epoch)
  epoch!: string;

  @CodeField({ ...seq, description: 'The `seq` of the newest change.' })
  seq!: string;

  @InstantField(serverTime)
  serverTime!: Date;

  @IntegerField({
    description: 'Number of open conflicts.',
    example: 0,
    min: 0,
    max: 1_000_000_000,
  })
  conflicts!: number;

  @IntegerField({
    ...lastClientSeq,
    description:
      'The greatest `client_seq` from the client that the request names; 0 if it never sent anything.',
  })
  lastClientSeq!: number;

  @ListField({
    description: 'Devices, the most recently seen first; at most 100.',
    type: () => SyncClientDto,
  })
  clients!: SyncClientDto[];

  @ObjectField({ description: 'Limits of one request.', type: () => SyncLimitsDto })
  limits!: SyncLimitsDto;

  @WordListField({
    description: 'All kinds of records.',
    example: ['conflict', 'meal', 'weight'],
    max: 1_000,
  })
  kinds!: string[];
}

export class DigestQuery {
  @StringField({ ...kinds, optional: true })
  kinds?: string;
}

@Documented({ description: 'Count and sum of one kind, to compare with the client’s local data.' })
export class KindDigestDto {
  @StringField({ description: 'The kind.', example: 'weight', max: 32 })
  kind!: string;

  @IntegerField({ description: 'Number of live records.', example: 3, min: 0, max: 1_000_000_000 })
  count!: number;

  @CodeField({
    description:
      'Sum, modulo 2^64, of the 64-bit FNV-1a hashes of `<id>:<version>` of all live records: a whole number, as text.',
    example: '9691398713243650762',
    pattern: /^\d{1,20}$/,
    mustBe: 'a whole number as text',
    max: 20,
  })
  sum64!: string;
}

@Documented({
  description:
    'A digest of all live records. It equals the client’s own digest if the client is at the same `seq`.',
})
export class DigestDto {
  @StringField(epoch)
  epoch!: string;

  @CodeField({ ...seq, description: 'The `seq` at which the digest was taken.' })
  seq!: string;

  @ListField({ description: 'One for each kind.', type: () => KindDigestDto })
  kinds!: KindDigestDto[];
}
