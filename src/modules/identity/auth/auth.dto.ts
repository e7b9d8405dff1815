import { IntersectionType, OmitType } from '@nestjs/swagger';
import { Documented } from '../../../kernel/http/documented.js';
import { EmailField, StringField } from '../../../kernel/http/fields.js';
import { OptionalFactorDto } from '../factors/factors.dto.js';
import { DeviceDto, EXAMPLE_DEVICE } from '../sessions/sessions.dto.js';
import { AddressField } from '../users/address-field.js';
import { UpdateUserDto } from '../users/users.dto.js';

const credentials = { email: 'ada@example.org', password: 'correct horse battery staple' };

export const PasswordField = (description: string) =>
  StringField({ description, example: 'correct horse battery staple', min: 8, max: 256 });

@Documented({
  description: 'A sign-in and the device that signs in.',
  examples: { login: { summary: 'On a named device', value: { ...credentials, ...EXAMPLE_DEVICE } } },
})
export class LoginDto extends DeviceDto {
  @AddressField({ description: 'Address of the account; case does not matter.', example: 'ada@example.org' })
  email!: string;

  @StringField({ description: 'The password.', example: 'correct horse battery staple', max: 256 })
  password!: string;
}

@Documented({
  description: 'A new account, the device that registers, and optional profile values.',
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

@Documented({
  description: 'The account can be used once the mailed link is followed, or it existed before.',
})
export class AppliedDto {
  @EmailField({ description: 'Address that the mail is sent to.', example: 'ada@example.org' })
  email!: string;
}

@Documented({
  description:
    'The password, and the second factor of an account that has one, either `code` or `recovery_code`, to confirm the request.',
  examples: {
    password: { summary: 'An account without a second factor', value: { password: credentials.password } },
    code: {
      summary: 'An account with an authenticator app',
      value: { password: credentials.password, code: '492039' },
    },
  },
})
export class ConfirmDto extends OptionalFactorDto {
  @StringField({
    description: 'The current password, to confirm the request.',
    example: 'correct horse battery staple',
    max: 256,
  })
  password!: string;
}

@Documented({
  description: 'The current password and the new one.',
  examples: {
    change: {
      summary: 'A new password',
      value: { current_password: credentials.password, new_password: 'quiet river under seven stars' },
    },
  },
})
export class ChangePasswordDto {
  @StringField({ description: 'The current password.', example: 'correct horse battery staple', max: 256 })
  currentPassword!: string;

  @PasswordField('The new password: 8 to 256 characters of any kind, not a common password.')
  newPassword!: string;
}
