import { Documented } from '../../kernel/http/documented.js';
import {
  BooleanField,
  CodeField,
  EnumField,
  InstantField,
  StringField,
  TimeZoneField,
  UuidField,
} from '../../kernel/http/fields.js';
import { toWire } from '../../kernel/http/wire.js';
import { LOCALE, MAX_LOCALE } from './locale.js';
import { roles, type User } from './user.entity.js';
import { WEIGHT_UNIT } from '../../kernel/quantities/weight.js';

const locale = {
  description:
    'Language of mails and messages, BCP 47. Of a new account what `Accept-Language` asks for, unless given.',
  example: 'en-GB',
  pattern: LOCALE,
  says: 'a BCP 47 language tag such as en or de-AT',
  max: MAX_LOCALE,
};
const timeZone = {
  description: 'Where the days of this person begin and end, IANA name.',
  example: 'Europe/Vienna',
};
const weightUnit = {
  ...WEIGHT_UNIT,
  description: 'Unit the app shows weights in; entries keep their own.',
  example: 'kg',
};
const displayName = {
  description: 'Name shown in the app; null when the person gave none.',
  example: 'Ada',
  max: 100,
  nullable: true,
};

/** For `EnumField`. */
export const ROLE = {
  description: 'What the account may do beyond its own data.',
  example: 'user',
  values: roles,
  name: 'Role',
  meaning: '`user`: nothing; `coach`: read what people grant; `admin`: keep the accounts.',
} as const;

@Documented({ description: 'The profile of an account.' })
export class UserDto {
  @UuidField({ description: 'Id of the account.', example: '019b94ff-a2e0-7d3a-9a61-5d6a5b1f4c33' })
  id!: string;

  @StringField({
    description: 'Address in its normalised form: NFC, lower case.',
    example: 'ada@example.org',
    max: 254,
  })
  email!: string;

  @BooleanField({ description: 'Whether its owner has shown to read mail sent there.', example: true })
  email_verified!: boolean;

  @StringField(displayName)
  display_name!: string | null;

  @CodeField(locale)
  locale!: string;

  @TimeZoneField(timeZone)
  time_zone!: string;

  @EnumField(weightUnit)
  weight_unit!: string;

  @EnumField(ROLE)
  role!: string;

  @InstantField({ description: 'When the account was made.', example: '2026-01-06T20:30:05.000Z' })
  created_at!: string;

  @InstantField({ description: 'When the profile was changed last.', example: '2026-01-06T20:30:05.000Z' })
  updated_at!: string;
}

/** A profile as it is answered. */
export const userWire = (user: User): UserDto =>
  toWire(UserDto, { ...user, emailVerified: user.emailVerifiedAt !== null });

@Documented({
  description: 'Fields that are left out stay as they are; `null` clears.',
  examples: {
    profile: {
      summary: 'Several fields',
      value: { display_name: 'Ada', locale: 'en-GB', time_zone: 'Europe/Vienna', weight_unit: 'kg' },
    },
    'no-name': { summary: 'Forget the name', value: { display_name: null } },
  },
})
export class UpdateUserDto {
  @StringField({ ...displayName, optional: true })
  display_name?: string | null;

  @CodeField({ ...locale, optional: true })
  locale?: string;

  @TimeZoneField({ ...timeZone, optional: true })
  time_zone?: string;

  @EnumField({ ...weightUnit, optional: true })
  weight_unit?: string;
}
