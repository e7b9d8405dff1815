import { Documented } from '../../kernel/http/documented.js';
import {
  BooleanField,
  CodeField,
  InstantField,
  IntegerField,
  ListField,
  ObjectField,
  StringField,
} from '../../kernel/http/fields.js';
import { ApiProperty } from '@nestjs/swagger';
import { clientId, epoch, seq, serverTime } from './change.dto.js';
import { kinds } from './pull.dto.js';

const lastClientSeq = {
  description: 'The greatest `client_seq` the service has from it.',
  example: 481,
  min: 0,
  max: Number.MAX_SAFE_INTEGER,
};

export class StatusQuery {
  @CodeField({ ...clientId, description: 'Whose `last_client_seq` is asked for.', optional: true })
  client_id?: string;
}

@Documented({ description: 'A device that syncs.' })
export class SyncClientDto {
  @StringField({ description: clientId.description, example: clientId.example, max: 64 })
  client_id!: string;

  @IntegerField(lastClientSeq)
  last_client_seq!: number;

  @InstantField({
    description: 'When it last sent something; null when it never did.',
    example: '2026-01-06T20:30:05.000Z',
    nullable: true,
  })
  last_seen_at!: string | null;

  @IntegerField({
    description: 'The server’s clock minus the device’s, in milliseconds; null when it never told its time.',
    example: 123,
    min: -2_147_483_647,
    max: 2_147_483_647,
    nullable: true,
  })
  clock_skew_ms!: number | null;

  @BooleanField({ description: 'Whether it is the one that was asked for.', example: true })
  current!: boolean;
}

@Documented({ description: 'What a client may ask for at once.' })
export class SyncLimitsDto {
  @IntegerField({ description: 'Mutations in one push.', example: 100, min: 1, max: 1_000 })
  mutations!: number;

  @IntegerField({ description: 'Changes in one pull.', example: 1_000, min: 1, max: 10_000 })
  pull!: number;

  @IntegerField({
    description: 'Seconds between pulls of a client that hears no pokes.',
    example: 60,
    min: 1,
    max: 3_600,
  })
  poll_seconds!: number;
}

@Documented({ description: 'Where sync stands.' })
export class SyncStatusDto {
  @StringField(epoch)
  epoch!: string;

  @CodeField({ ...seq, description: 'The place of the newest change.' })
  seq!: string;

  @InstantField(serverTime)
  server_time!: string;

  @IntegerField({
    description: 'Conflicts somebody has yet to resolve.',
    example: 0,
    min: 0,
    max: 1_000_000_000,
  })
  conflicts!: number;

  @IntegerField({
    ...lastClientSeq,
    description: 'Of the client that was asked for; 0 when it never sent anything.',
  })
  last_client_seq!: number;

  @ListField({ description: 'Devices, the last seen first; at most 100.', type: () => SyncClientDto })
  clients!: SyncClientDto[];

  @ObjectField({ description: 'What may be asked for at once.', type: () => SyncLimitsDto })
  limits!: SyncLimitsDto;

  @ApiProperty({
    description: 'The kinds there are.',
    type: [String],
    example: ['conflict', 'meal', 'weight'],
  })
  kinds!: string[];
}

export class DigestQuery {
  @StringField({ ...kinds, optional: true })
  kinds?: string;
}

@Documented({ description: 'What a client compares with its own store of one kind.' })
export class KindDigestDto {
  @StringField({ description: 'The kind.', example: 'weight', max: 32 })
  kind!: string;

  @IntegerField({ description: 'How many live records.', example: 3, min: 0, max: 1_000_000_000 })
  count!: number;

  @CodeField({
    description:
      'The sum, modulo 2^64, of the 64-bit FNV-1a hashes of `<id>:<version>` of all live records: a whole number, as text.',
    example: '9691398713243650762',
    pattern: /^\d{1,20}$/,
    says: 'a whole number as text',
    max: 20,
  })
  sum64!: string;
}

@Documented({
  description: 'A fingerprint of everything that lives. Equal to the client’s own when it is at `seq`.',
})
export class DigestDto {
  @StringField(epoch)
  epoch!: string;

  @CodeField({ ...seq, description: 'The place it was taken at.' })
  seq!: string;

  @ListField({ description: 'One for each kind.', type: () => KindDigestDto })
  kinds!: KindDigestDto[];
}
