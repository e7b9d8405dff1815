import { IntersectionType, PickType } from '@nestjs/swagger';
import { Documented } from '../../../kernel/http/documented.js';
import {
  BooleanField,
  CodeField,
  EnumField,
  InstantField,
  IntegerField,
  ListField,
  ObjectField,
  StringField,
  UuidField,
} from '../../../kernel/http/fields.js';
import { UserDto } from '../users/users.dto.js';

const SESSION_ID = '019b9500-a0c8-7b1f-b2c3-9d8e7f6a5b4c';
const OTHER_SESSION_ID = '019b76da-9400-7c4e-a1f0-3b2c1d0e9f8a';
/** The device in the examples. */
export const EXAMPLE_DEVICE = {
  device_id: 'a1f4c8e2-phone',
  device_name: 'Ada’s phone',
  platform: 'android-16',
};

const EXAMPLE_REFRESH_TOKEN =
  'v1.019b9500-a0c8-7b1f-b2c3-9d8e7f6a5b4c.0.pT7F2cJ0m9S3wq8zYb1kV5nXhR4uLdEaGtOiPjQsWfM';

const RefreshTokenField = (max = 200) =>
  StringField({
    description: 'The refresh token: opaque, up to 200 characters. Store it durably before using it.',
    example: EXAMPLE_REFRESH_TOKEN,
    max,
  });

const deviceId = {
  description:
    'Id of this installation, created once by the app. Identifies the device in the list of sessions and in sync.',
  example: 'a1f4c8e2-phone',
  pattern: /^[A-Za-z0-9._:-]{1,64}$/,
  mustBe: '1 to 64 letters, digits, dots, colons, dashes or underscores',
  max: 64,
};
const deviceName = { description: 'The person’s name for the device.', example: 'Ada’s phone', max: 100 };
const platform = {
  description: 'Operating system and version.',
  example: 'android-16',
  pattern: /^[A-Za-z0-9._-]{1,32}$/,
  mustBe: '1 to 32 letters, digits, dots, dashes or underscores',
  max: 32,
};

@Documented({ description: 'The device that signs in.' })
export class DeviceDto {
  @CodeField({ ...deviceId, optional: true })
  deviceId?: string;

  @StringField({ ...deviceName, optional: true })
  deviceName?: string;

  @CodeField({ ...platform, optional: true })
  platform?: string;
}

@Documented({ description: 'The refresh token this device holds.' })
export class RefreshDto {
  /** Longer than our tokens, so that another kind of token is refused as an invalid refresh token, not as a malformed field. */
  @RefreshTokenField(4_096)
  refreshToken!: string;
}

@Documented({
  description: 'The refresh token this device holds, and the nonce of this refresh.',
  examples: {
    nonce: {
      summary: 'With a nonce',
      value: {
        refresh_token: EXAMPLE_REFRESH_TOKEN,
        nonce: 'hJtXIZ2uSN5kbQfbtTNWbg',
      },
    },
  },
})
export class RefreshOnceDto extends RefreshDto {
  @CodeField({
    description:
      'At least 128 random bits, created for this refresh and kept until its answer is stored. A repeated refresh sends the same one.',
    example: 'hJtXIZ2uSN5kbQfbtTNWbg',
    pattern: /^[A-Za-z0-9_-]{22,128}$/,
    mustBe: '22 to 128 letters, digits, dashes or underscores',
    max: 128,
    optional: true,
  })
  nonce?: string;
}

@Documented({ description: 'An access token. The refresh token does not change.' })
export class AccessTokenDto {
  @StringField({
    description: 'Send as `Authorization: Bearer …`. A JWT; clients treat it as opaque.',
    example: 'eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIwMTk5In0.c2lnbmF0dXJl',
    max: 4_096,
  })
  accessToken!: string;

  @StringField({ description: 'Always Bearer.', example: 'Bearer', max: 6 })
  tokenType!: string;

  @IntegerField({
    description: 'Seconds until the access token expires.',
    example: 900,
    min: 1,
    max: 31_536_000,
  })
  expiresIn!: number;
}

@Documented({ description: 'A pair of new tokens, which replace the old ones.' })
export class TokensDto extends AccessTokenDto {
  @RefreshTokenField()
  refreshToken!: string;
}

class SignedInUserDto {
  @ObjectField({ description: 'The account.', type: () => UserDto })
  user!: UserDto;
}

@Documented({ description: 'The account and the tokens of the new session.' })
export class SignedInDto extends IntersectionType(
  SignedInUserDto,
  AccessTokenDto,
  PickType(TokensDto, ['refreshToken']),
) {}

@Documented({ description: 'The push token of a phone.' })
export class PushTargetDto {
  @EnumField({
    description: 'The push service that issued the token.',
    example: 'fcm',
    values: ['fcm', 'apns'],
    name: 'PushService',
    meaning: '`fcm`: Firebase Cloud Messaging; `apns`: Apple Push Notification service.',
  })
  service!: string;

  @StringField({ description: 'The token that the push service issued.', example: 'dYw3…', max: 512 })
  token!: string;
}

@Documented({ description: 'A device that is signed in.' })
export class SessionDto {
  @UuidField({ description: 'Id of the session.', example: SESSION_ID })
  id!: string;

  @CodeField({ ...deviceId, nullable: true })
  deviceId!: string | null;

  @StringField({ ...deviceName, nullable: true })
  deviceName!: string | null;

  @CodeField({ ...platform, nullable: true })
  platform!: string | null;

  @StringField({
    description: 'IP address that it was opened from; for IPv6 only the network.',
    example: '203.0.113.7',
    max: 45,
    nullable: true,
  })
  ip!: string | null;

  @InstantField({ description: 'When it was opened.', example: '2026-01-06T20:30:05.000Z' })
  createdAt!: Date;

  @InstantField({ description: 'When it was last refreshed.', example: '2026-01-06T20:45:05.000Z' })
  lastUsedAt!: Date;

  @BooleanField({ description: 'Whether this request belongs to it.', example: true })
  current!: boolean;
}

@Documented({
  description: 'All open sessions of the account.',
  examples: {
    sessions: {
      summary: 'This phone, and a browser',
      value: {
        data: [
          {
            id: SESSION_ID,
            ...EXAMPLE_DEVICE,
            ip: '203.0.113.7',
            created_at: '2026-01-06T20:30:05.000Z',
            last_used_at: '2026-01-06T20:45:05.000Z',
            current: true,
          },
          {
            id: OTHER_SESSION_ID,
            device_id: null,
            device_name: null,
            platform: null,
            ip: '198.51.100.24',
            created_at: '2026-01-01T00:00:00.000Z',
            last_used_at: '2026-01-03T09:12:44.310Z',
            current: false,
          },
        ],
      },
    },
  },
})
export class SessionListDto {
  @ListField({
    description: 'Open sessions, most recently used first; at most 50.',
    type: () => SessionDto,
  })
  data!: SessionDto[];
}
