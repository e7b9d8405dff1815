import { IntersectionType, OmitType } from '@nestjs/swagger';
import { Documented } from '../../kernel/http/documented.js';
import { EmailField, StringField } from '../../kernel/http/fields.js';
import { DeviceDto, EXAMPLE_DEVICE } from '../sessions/public.js';
import { AddressField, UpdateUserDto } from '../users/public.js';

const credentials = { email: 'ada@example.org', password: 'correct horse battery staple' };

export const PasswordField = (description: string) =>
  StringField({ description, example: 'correct horse battery staple', min: 8, max: 256 });

@Documented({
  description: 'A sign-in, and the device it is made on.',
  examples: { login: { summary: 'On a named device', value: { ...credentials, ...EXAMPLE_DEVICE } } },
})
export class LoginDto extends DeviceDto {
  @AddressField({ description: 'Address of the account; case does not matter.', example: 'ada@example.org' })
  email!: string;

  @StringField({ description: 'The password.', example: 'correct horse battery staple', max: 256 })
  password!: string;
}

@Documented({
  description: 'A new account, the device it is made on, and what the profile may already hold.',
  examples: {
    everything: {
      summary: 'All fields',
      value: {
        ...credentials,
        ...EXAMPLE_DEVICE,
        display_name: 'Ada',
        locale: 'en-GB',
        time_zone: 'Europe/Vienna',
        weight_unit: 'kg',
      },
    },
    minimal: {
      summary: 'Required fields',
      value: { email: 'grace@example.org', password: credentials.password },
    },
  },
})
export class RegisterDto extends IntersectionType(OmitType(LoginDto, ['password']), UpdateUserDto) {
  @PasswordField('8 to 256 characters of any kind, not a common password.')
  password!: string;
}

@Documented({ description: 'The account is there once the mailed link is followed, or was there before.' })
export class AppliedDto {
  @EmailField({ description: 'Where the mail goes.', example: 'ada@example.org' })
  email!: string;
}

@Documented({ description: 'The password, as a confirmation.' })
export class ConfirmDto {
  @StringField({
    description: 'The current password, as a confirmation.',
    example: 'correct horse battery staple',
    max: 256,
  })
  password!: string;
}

@Documented({
  description: 'The password that holds, and the one that shall.',
  examples: {
    change: {
      summary: 'A new password',
      value: { current_password: credentials.password, new_password: 'quiet river under seven stars' },
    },
  },
})
export class ChangePasswordDto {
  @StringField({ description: 'The current password.', example: 'correct horse battery staple', max: 256 })
  current_password!: string;

  @PasswordField('The new one: 8 to 256 characters of any kind, not a common password.')
  new_password!: string;
}
