import { Documented } from '../../../kernel/http/documented.js';
import {
  BooleanField,
  CodeField,
  EnumField,
  InstantField,
  StringField,
  TimeZoneField,
  UuidField,
} from '../../../kernel/http/fields.js';
import { LOCALE, MAX_LOCALE } from './locale.js';
import { roles, type User } from './user.entity.js';
import { WEIGHT_UNIT } from '../../../kernel/quantities/weight.js';

const locale = {
  description:
    'Language of mails and messages, BCP 47. The default of a new account is the preferred language of `Accept-Language`.',
  example: 'en-GB',
  pattern: LOCALE,
  mustBe: 'a BCP 47 language tag such as en or de-AT',
  max: MAX_LOCALE,
};
const timeZone = {
  description: 'IANA time zone in which the days of this person begin and end.',
  example: 'Europe/Vienna',
};
const weightUnit = {
  ...WEIGHT_UNIT,
  description: 'Unit in which the app shows weights; entries keep the unit they were entered in.',
  example: 'kg',
};
const displayName = {
  description: 'Name shown in the app; null if the person gave none.',
  example: 'Ada',
  max: 100,
  nullable: true,
};

/** Options for `EnumField`. */
export const ROLE = {
  description: 'What the account may do beyond its own data.',
  example: 'user',
  values: roles,
  name: 'Role',
  meaning: '`user`: nothing; `coach`: read granted data; `admin`: manage accounts.',
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

  @BooleanField({
    description: 'Whether the owner proved that mail to the address reaches them.',
    example: true,
  })
  emailVerified!: boolean;

  @StringField(displayName)
  displayName!: string | null;

  @CodeField(locale)
  locale!: string;

  @TimeZoneField(timeZone)
  timeZone!: string;

  @EnumField(weightUnit)
  weightUnit!: string;

  @EnumField(ROLE)
  role!: string;

  @InstantField({ description: 'When the account was created.', example: '2026-01-06T20:30:05.000Z' })
  createdAt!: Date;

  @InstantField({ description: 'When the profile was last changed.', example: '2026-01-06T20:30:05.000Z' })
  updatedAt!: Date;
}

/** An account as its owner sees it. */
export const profileOf = (user: User): UserDto => ({
  ...user,
  emailVerified: user.emailVerifiedAt !== null,
});

@Documented({
  description: 'Fields that are left out do not change; `null` clears a field.',
  examples: {
    profile: {
      summary: 'Several fields',
      value: { display_name: 'Ada', locale: 'en-GB', time_zone: 'Europe/Vienna', weight_unit: 'kg' },
    },
    'no-name': { summary: 'Remove the name', value: { display_name: null } },
  },
})
export class UpdateUserDto {
  @StringField({ ...displayName, optional: true })
  displayName?: string | null;

  @CodeField({ ...locale, optional: true })
  locale?: string;

  @TimeZoneField({ ...timeZone, optional: true })
  timeZone?: string;

  @EnumField({ ...weightUnit, optional: true })
  weightUnit?: string;
}
