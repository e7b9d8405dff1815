import { Documented } from '../../kernel/http/documented.js';
import { StringField } from '../../kernel/http/fields.js';
import { AddressField } from '../users/public.js';
import { PasswordField } from './auth.dto.js';

const token = {
  description: 'What stands behind `#token=` in the link that was mailed.',
  example: '3q2-7wQm1Jf0cTzY5u8XbN4rKdLhGpVaEoIsWxUyB6M',
  max: 128,
};

@Documented({ description: 'The token of a mailed link.' })
export class EmailTokenDto {
  @StringField(token)
  token!: string;
}

@Documented({ description: 'An address of mail.' })
export class EmailDto {
  @AddressField({ description: 'The address; case does not matter.', example: 'ada@example.org' })
  email!: string;
}

@Documented({ description: 'The token of a mailed link, and the password that shall hold.' })
export class ResetPasswordDto extends EmailTokenDto {
  @PasswordField('The new one: 8 to 256 characters of any kind, not a common password.')
  new_password!: string;
}
