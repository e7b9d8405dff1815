import { IntersectionType, OmitType } from '@nestjs/swagger';
import {
  BooleanField,
  CodeField,
  EmailField,
  InstantField,
  IntegerField,
  ListField,
  ObjectField,
  StringField,
  UuidField,
} from '../../kernel/http/fields.js';
import { UpdateUserDto, UserDto } from '../users/public.js';

const PasswordField = (description: string) =>
  StringField({ description, example: 'correct horse battery staple', min: 8, max: 256 });

const RefreshTokenField = () =>
  StringField({
    description: 'The refresh token: opaque, up to 200 characters. Keep it durably before using it.',
    example: 'v1.0199f3a2-6f57-7d3a-9a61-5d6a5b1f4c33.0.pT7F2cJ0m9S3wq8zYb1kV5nXhR4uLdEaGtOiPjQsWfM',
    max: 200,
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

export class LoginDto {
  @EmailField({ description: 'Address of the account; case does not matter.', example: 'ada@example.org' })
  email!: string;

  @StringField({ description: 'The password.', example: 'correct horse battery staple', max: 256 })
  password!: string;

  @CodeField({ ...deviceId, optional: true })
  device_id?: string;

  @StringField({ ...deviceName, optional: true })
  device_name?: string;

  @CodeField({ ...platform, optional: true })
  platform?: string;
}

/** A sign-in, the rules for a new password, and what the profile may already hold. */
export class RegisterDto extends IntersectionType(OmitType(LoginDto, ['password']), UpdateUserDto) {
  @PasswordField('8 to 256 characters of any kind, not a common password.')
  password!: string;
}

export class RefreshDto {
  @RefreshTokenField()
  refresh_token!: string;
}

export class TokensDto {
  @StringField({
    description: 'Send as `Authorization: Bearer …`. A JWT; clients treat it as opaque.',
    example: 'eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIwMTk5In0.c2lnbmF0dXJl',
    max: 4_096,
  })
  access_token!: string;

  @RefreshTokenField()
  refresh_token!: string;

  @StringField({ description: 'Always Bearer.', example: 'Bearer', max: 6 })
  token_type!: string;

  @IntegerField({ description: 'Seconds until the access token expires.', example: 900, min: 1, max: 86_400 })
  expires_in!: number;
}

export class SignedInDto extends TokensDto {
  @ObjectField({ description: 'The account.', type: () => UserDto })
  user!: UserDto;
}

export class DeleteAccountDto {
  @StringField({
    description: 'The current password, as a confirmation.',
    example: 'correct horse battery staple',
    max: 256,
  })
  password!: string;
}

export class ChangePasswordDto {
  @StringField({ description: 'The current password.', example: 'correct horse battery staple', max: 256 })
  current_password!: string;

  @PasswordField('The new one: 8 to 256 characters of any kind, not a common password.')
  new_password!: string;
}

export class SessionDto {
  @UuidField({ description: 'Id of the session.', example: '0199f3a2-6f57-7d3a-9a61-5d6a5b1f4c33' })
  id!: string;

  @CodeField({ ...deviceId, nullable: true })
  device_id!: string | null;

  @StringField({ ...deviceName, nullable: true })
  device_name!: string | null;

  @CodeField({ ...platform, nullable: true })
  platform!: string | null;

  @StringField({
    description: 'Address it was opened from.',
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

export class SessionListDto {
  @ListField({
    description: 'Open sessions, the last used first; never more than 50.',
    type: () => SessionDto,
  })
  data!: SessionDto[];
}
