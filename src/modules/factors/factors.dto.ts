import { Documented } from '../../kernel/http/documented.js';
import {
  BooleanField,
  CodeField,
  IntegerField,
  StringField,
  WordListField,
} from '../../kernel/http/fields.js';
import { invalidField } from '../../kernel/http/problem.js';
import { AccessTokenDto, DeviceDto, EXAMPLE_DEVICE } from '../sessions/public.js';
import type { Proof } from './factor-proof.js';

const CHALLENGE = '8Zt1xkq0PpVb7uYwR3mNfLdGhJsCaEoIiTnQvXzW2kA';
const RECOVERY_CODE = '9f3a-12bc-77de-0a41-c58e';

const challenge = {
  description: 'Send it back with the second proof. It is no token: nothing else takes it.',
  example: CHALLENGE,
  max: 128,
};
const code = {
  description: 'What the authenticator app shows: six digits.',
  example: '492039',
  pattern: /^\d{6}$/,
  says: 'six digits',
  max: 6,
};
const recoveryCode = {
  description: 'One of the recovery codes, instead of `code`. Case and dashes do not matter.',
  example: RECOVERY_CODE,
  max: 64,
};

@Documented({ description: 'The first proof was right; a second is needed. Nobody is signed in yet.' })
export class ChallengeDto {
  @StringField(challenge)
  challenge!: string;

  @WordListField({
    description: 'What can be the second proof.',
    example: ['totp', 'recovery_code'],
    values: ['totp', 'recovery_code'],
    max: 2,
  })
  methods!: string[];

  @IntegerField({ description: 'Seconds it can be answered for.', example: 300, min: 1, max: 3_600 })
  expires_in!: number;
}

@Documented({
  description: 'The second proof, either `code` or `recovery_code`, and the device that signs in.',
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
  recovery_code?: string;
}

@Documented({ description: 'A code of the authenticator app.' })
export class TotpCodeDto {
  @CodeField(code)
  code!: string;
}

@Documented({
  description: 'The second factor once more, either `code` or `recovery_code`.',
  examples: {
    code: { summary: 'From the app', value: { code: '492039' } },
    recovery: { summary: 'With a recovery code', value: { recovery_code: RECOVERY_CODE } },
  },
})
export class FactorProofDto {
  @CodeField({ ...code, optional: true })
  code?: string;

  @StringField({ ...recoveryCode, optional: true })
  recovery_code?: string;
}

/** @throws Problem `validation` unless it is one of the two. */
export function proofOf({ code, recovery_code: recoveryCode }: FactorProofDto): Proof {
  if (code !== undefined && recoveryCode !== undefined)
    throw invalidField('recovery_code', 'not-allowed', 'Send either code or recovery_code');
  if (code !== undefined) return { code };
  if (recoveryCode !== undefined) return { recoveryCode };
  throw invalidField('code', 'required', 'Send code or recovery_code');
}

@Documented({ description: 'What the account has besides a password.' })
export class FactorsDto {
  @BooleanField({ description: 'Whether signing in asks for a code of an authenticator app.', example: true })
  totp!: boolean;

  @IntegerField({ description: 'Recovery codes that were not used yet.', example: 10, min: 0, max: 10 })
  recovery_codes_left!: number;
}

@Documented({ description: 'What an authenticator app needs to know. It is shown this once.' })
export class TotpEnrolmentDto {
  @StringField({
    description: 'The seed in base32, for who types it in. SHA-1, six digits, 30 seconds.',
    example: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
    max: 64,
  })
  secret!: string;

  @StringField({
    description: 'The same for a QR code, or to open an app on this device with.',
    example:
      'otpauth://totp/Hale:ada%40example.org?issuer=Hale&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&algorithm=SHA1&digits=6&period=30',
    max: 1_024,
  })
  otpauth_uri!: string;
}

const RecoveryCodesField = () =>
  WordListField({
    description: 'Each works once, instead of a code of the app. They are shown this once: keep them.',
    example: [RECOVERY_CODE, '0d7e-5521-b3fa-96c0-48e2'],
    max: 10,
  });

@Documented({ description: 'The new recovery codes.' })
export class RecoveryCodesDto {
  @RecoveryCodesField()
  recovery_codes!: string[];
}

@Documented({
  description:
    'The recovery codes, and an access token that says two factors. The refresh token stays as it is.',
})
export class TotpConfirmedDto extends AccessTokenDto {
  @RecoveryCodesField()
  recovery_codes!: string[];
}
