import { IntersectionType, PickType } from '@nestjs/swagger';
import { Documented } from '../../../kernel/http/documented.js';
import { StringField } from '../../../kernel/http/fields.js';
import { DeviceDto } from '../sessions/sessions.dto.js';
import { AddressField } from '../users/address-field.js';
import { PasswordField } from './auth.dto.js';

const token = {
  description: 'The part after `#token=` in the mailed link.',
  example: '3q2-7wQm1Jf0cTzY5u8XbN4rKdLhGpVaEoIsWxUyB6M',
  max: 128,
};

@Documented({ description: 'The token of a mailed link.' })
export class EmailTokenDto {
  @StringField(token)
  token!: string;
}

@Documented({
  description: 'The token of a mailed link, and a proof that the same person asked for it.',
  examples: {
    password: {
      summary: 'With the password',
      value: { token: token.example, password: 'correct horse battery staple' },
    },
    session: { summary: 'In a session of the account', value: { token: token.example } },
  },
})
export class ConfirmLinkDto extends EmailTokenDto {
  @StringField({
    description:
      'The password of the registration, or of the account, that asked for the link. Leave it out to confirm with the access token of a session of that account.',
    example: 'correct horse battery staple',
    max: 256,
    optional: true,
  })
  password?: string;
}

@Documented({ description: 'An e-mail address.' })
export class EmailDto {
  @AddressField({ description: 'The address; case does not matter.', example: 'ada@example.org' })
  email!: string;
}

@Documented({ description: 'An e-mail address, and the device of the person who requests a mail to it.' })
export class MailRequestDto extends IntersectionType(EmailDto, PickType(DeviceDto, ['deviceId'])) {}

@Documented({ description: 'The token of a mailed link and the new password.' })
export class ResetPasswordDto extends EmailTokenDto {
  @PasswordField('The new password: 8 to 256 characters of any kind, not a common password.')
  newPassword!: string;
}
