import { Documented } from '../../kernel/http/documented.js';
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
} from '../../kernel/http/fields.js';
import { UserDto } from '../users/public.js';

const SESSION_ID = '019b9500-a0c8-7b1f-b2c3-9d8e7f6a5b4c';
const OTHER_SESSION_ID = '019b76da-9400-7c4e-a1f0-3b2c1d0e9f8a';
/** Of the examples. */
export const EXAMPLE_DEVICE = {
  device_id: 'a1f4c8e2-phone',
  device_name: 'Ada’s phone',
  platform: 'android-16',
};

const RefreshTokenField = (max = 200) =>
  StringField({
    description: 'The refresh token: opaque, up to 200 characters. Keep it durably before using it.',
    example: 'v1.019b9500-a0c8-7b1f-b2c3-9d8e7f6a5b4c.0.pT7F2cJ0m9S3wq8zYb1kV5nXhR4uLdEaGtOiPjQsWfM',
    max,
  });

const deviceId = {
  description:
    'Id of this installation, made once by the app. Names the device in the list of sessions and in sync.',
  example: 'a1f4c8e2-phone',
  pattern: /^[A-Za-z0-9._:-]{1,64}$/,
  says: '1 to 64 letters, digits, dots, colons, dashes or underscores',
  max: 64,
};
const deviceName = { description: 'What the person calls the device.', example: 'Ada’s phone', max: 100 };
const platform = {
  description: 'Operating system and version.',
  example: 'android-16',
  pattern: /^[A-Za-z0-9._-]{1,32}$/,
  says: '1 to 32 letters, digits, dots, dashes or underscores',
  max: 32,
};

@Documented({ description: 'The device that signs in.' })
export class DeviceDto {
  @CodeField({ ...deviceId, optional: true })
  device_id?: string;

  @StringField({ ...deviceName, optional: true })
  device_name?: string;

  @CodeField({ ...platform, optional: true })
  platform?: string;
}

@Documented({ description: 'The refresh token this device holds.' })
export class RefreshDto {
  /** Longer than ours are: another kind of token is refused as not a refresh token, not as a malformed field. */
  @RefreshTokenField(4_096)
  refresh_token!: string;
}

@Documented({ description: 'An access token. The refresh token stays as it is.' })
export class AccessTokenDto {
  @StringField({
    description: 'Send as `Authorization: Bearer …`. A JWT; clients treat it as opaque.',
    example: 'eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIwMTk5In0.c2lnbmF0dXJl',
    max: 4_096,
  })
  access_token!: string;

  @StringField({ description: 'Always Bearer.', example: 'Bearer', max: 6 })
  token_type!: string;

  @IntegerField({
    description: 'Seconds until the access token expires.',
    example: 900,
    min: 1,
    max: 31_536_000,
  })
  expires_in!: number;
}

@Documented({ description: 'A pair of tokens. Both are new: drop the old ones.' })
export class TokensDto extends AccessTokenDto {
  @RefreshTokenField()
  refresh_token!: string;
}

@Documented({ description: 'The account, and the tokens of the new session.' })
export class SignedInDto extends TokensDto {
  @ObjectField({ description: 'The account.', type: () => UserDto })
  user!: UserDto;
}

@Documented({ description: 'Where a phone is reached.' })
export class PushTargetDto {
  @EnumField({
    description: 'Whose token it is.',
    example: 'fcm',
    values: ['fcm', 'apns'],
    name: 'PushService',
    meaning: '`fcm`: Firebase Cloud Messaging; `apns`: Apple Push Notification service.',
  })
  service!: string;

  @StringField({ description: 'The token, as the service gave it.', example: 'dYw3…', max: 512 })
  token!: string;
}

@Documented({ description: 'A device that is signed in.' })
export class SessionDto {
  @UuidField({ description: 'Id of the session.', example: SESSION_ID })
  id!: string;

  @CodeField({ ...deviceId, nullable: true })
  device_id!: string | null;

  @StringField({ ...deviceName, nullable: true })
  device_name!: string | null;

  @CodeField({ ...platform, nullable: true })
  platform!: string | null;

  @StringField({
    description: 'Address it was opened from; of an IPv6 address its network.',
    example: '203.0.113.7',
    max: 45,
    nullable: true,
  })
  ip!: string | null;

  @InstantField({ description: 'When it was opened.', example: '2026-01-06T20:30:05.000Z' })
  created_at!: string;

  @InstantField({ description: 'When it was refreshed last.', example: '2026-01-06T20:45:05.000Z' })
  last_used_at!: string;

  @BooleanField({ description: 'Whether this request was made in it.', example: true })
  current!: boolean;
}

@Documented({
  description: 'Everywhere the account is signed in.',
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
    description: 'Open sessions, the last used first; never more than 50.',
    type: () => SessionDto,
  })
  data!: SessionDto[];
}
