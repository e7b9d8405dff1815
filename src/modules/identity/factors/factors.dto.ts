import { Documented } from '../../../kernel/http/documented.js';
import {
  BooleanField,
  CodeField,
  IntegerField,
  StringField,
  WordListField,
} from '../../../kernel/http/fields.js';
import { invalidField } from '../../../kernel/http/problem.js';
import { AccessTokenDto, DeviceDto, EXAMPLE_DEVICE } from '../sessions/sessions.dto.js';
import type { Proof } from './factor-proof.js';

const CHALLENGE = '8Zt1xkq0PpVb7uYwR3mNfLdGhJsCaEoIiTnQvXzW2kA';
const RECOVERY_CODE = '9f3a-12bc-77de-0a41-c58e';

const challenge = {
  description:
    'Send it back with the second proof. It is not an access token: no other operation accepts it.',
  example: CHALLENGE,
  max: 128,
};
const code = {
  description: 'The six digits that the authenticator app shows.',
  example: '492039',
  pattern: /^\d{6}$/,
  mustBe: 'six digits',
  max: 6,
};
const recoveryCode = {
  description: 'One of the recovery codes, instead of `code`. Case and dashes do not matter.',
  example: RECOVERY_CODE,
  max: 64,
};
/** The two forms of a second factor, by their names on the wire. */
const EITHER = ['code', 'recovery_code'];

@Documented({
  description: 'The first proof was correct and a second is required. The sign-in is not complete yet.',
})
export class ChallengeDto {
  @StringField(challenge)
  challenge!: string;

  @WordListField({
    description: 'Accepted kinds of second proof.',
    example: ['totp', 'recovery_code'],
    values: ['totp', 'recovery_code'],
    max: 2,
  })
  methods!: string[];

  @IntegerField({ description: 'Seconds until the challenge expires.', example: 300, min: 1, max: 3_600 })
  expiresIn!: number;
}

@Documented({
  description: 'The second proof, either `code` or `recovery_code`, and the device that signs in.',
  exactlyOne: EITHER,
  examples: {
    code: { summary: 'From the app', value: { challenge: CHALLENGE, code: '492039', ...EXAMPLE_DEVICE } },
    recovery: {
      summary: 'With a recovery code',
      value: { challenge: CHALLENGE, recovery_code: RECOVERY_CODE, ...EXAMPLE_DEVICE },
    },
  },
})
export class AnswerChallengeDto extends DeviceDto {
  @StringField(challenge)
  challenge!: string;

  @CodeField({ ...code, optional: true })
  code?: string;

  @StringField({ ...recoveryCode, optional: true })
  recoveryCode?: string;
}

@Documented({ description: 'A code of the authenticator app.' })
export class TotpCodeDto {
  @CodeField(code)
  code!: string;
}

/** Either of the two, or none. */
export class OptionalFactorDto {
  @CodeField({ ...code, optional: true })
  code?: string;

  @StringField({ ...recoveryCode, optional: true })
  recoveryCode?: string;
}

@Documented({
  description: 'The second factor again, either `code` or `recovery_code`.',
  exactlyOne: EITHER,
  examples: {
    code: { summary: 'From the app', value: { code: '492039' } },
    recovery: { summary: 'With a recovery code', value: { recovery_code: RECOVERY_CODE } },
  },
})
export class FactorProofDto extends OptionalFactorDto {}

/** @throws Problem `validation` unless exactly one of the two is given. */
export function proofOf({ code, recoveryCode }: OptionalFactorDto): Proof {
  if (code !== undefined && recoveryCode !== undefined)
    throw invalidField('recovery_code', 'not-allowed', 'Send either code or recovery_code');
  if (code !== undefined) return { code };
  if (recoveryCode !== undefined) return { recoveryCode };
  throw invalidField('code', 'required', 'Send code or recovery_code');
}

/** As {@link proofOf}, for an operation that needs a second factor only from an account that has one. */
export const proofIfAny = (body: OptionalFactorDto): Proof | undefined =>
  body.code === undefined && body.recoveryCode === undefined ? undefined : proofOf(body);

@Documented({ description: 'The factors of the account besides the password.' })
export class FactorsDto {
  @BooleanField({ description: 'Whether signing in asks for a code of an authenticator app.', example: true })
  totp!: boolean;

  @IntegerField({ description: 'Unused recovery codes.', example: 10, min: 0, max: 10 })
  recoveryCodesLeft!: number;
}

@Documented({ description: 'The seed for an authenticator app. It is shown only once.' })
export class TotpEnrolmentDto {
  @StringField({
    description: 'The seed in base32, for typing it in. SHA-1, six digits, 30 seconds.',
    example: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
    max: 64,
  })
  secret!: string;

  @StringField({
    description: 'The same seed as a URI, for a QR code or for opening an app on this device.',
    example:
      'otpauth://totp/Hale:ada%40example.org?issuer=Hale&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&algorithm=SHA1&digits=6&period=30',
    max: 1_024,
  })
  otpauthUri!: string;
}

const RecoveryCodesField = () =>
  WordListField({
    description:
      'Each works once, instead of a code of the app. They are shown only once, so the person must keep them.',
    example: [RECOVERY_CODE, '0d7e-5521-b3fa-96c0-48e2'],
    max: 10,
  });

@Documented({ description: 'The new recovery codes.' })
export class RecoveryCodesDto {
  @RecoveryCodesField()
  recoveryCodes!: string[];
}

@Documented({
  description: 'The recovery codes and an access token with two factors. The refresh token stays valid.',
})
export class TotpConfirmedDto extends AccessTokenDto {
  @RecoveryCodesField()
  recoveryCodes!: string[];
}
