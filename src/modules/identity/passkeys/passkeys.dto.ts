import { Documented } from '../../../kernel/http/documented.js';
import {
  BooleanField,
  ForeignField,
  InstantField,
  ListField,
  StringField,
  UuidField,
} from '../../../kernel/http/fields.js';
import { DeviceDto, EXAMPLE_DEVICE } from '../sessions/sessions.dto.js';

const CREDENTIAL_ID = 'kS1oVYlJqN7nUqzVYV0vWw';
const CHALLENGE = 'vJ0mQx1cT8b2sYk5eWfZr9LhGpNdUaEoIiXzQvRw3tM';
const PASSKEY_ID = '019b9500-a0c8-7d11-9f4e-5b6c7d8e9fa0';

const base64url = (text: object | string): string =>
  Buffer.from(typeof text === 'string' ? text : JSON.stringify(text)).toString('base64url');
const clientData = (type: string): string =>
  base64url({ type, challenge: CHALLENGE, origin: 'http://localhost:3000', crossOrigin: false });

const credential = {
  id: CREDENTIAL_ID,
  rawId: CREDENTIAL_ID,
  type: 'public-key',
  clientExtensionResults: {},
};
const registration = {
  ...credential,
  response: {
    clientDataJSON: clientData('webauthn.create'),
    attestationObject: 'o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YViU',
    transports: ['internal', 'hybrid'],
  },
};
const assertion = {
  ...credential,
  response: {
    clientDataJSON: clientData('webauthn.get'),
    authenticatorData: 'SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MdAAAAAA',
    signature: 'MEUCIQDk8Xh0Qw',
    userHandle: 'AZuU_6LifTqaYV1qWx9MMw',
  },
};

const name = { description: 'The name that the person gave it.', example: 'Ada’s phone', max: 100 };

@Documented({ description: 'Options for `navigator.credentials.create()`.' })
export class PasskeyCreationDto {
  @ForeignField({
    description:
      '`PublicKeyCredentialCreationOptionsJSON` of WebAuthn 3, for `PublicKeyCredential.parseCreationOptionsFromJSON()` or the phone’s own API.',
    example: {
      rp: { id: 'localhost', name: 'Hale' },
      user: { id: 'AZuU_6LifTqaYV1qWx9MMw', name: 'ada@example.org', displayName: 'Ada' },
      challenge: CHALLENGE,
      pubKeyCredParams: [{ alg: -7, type: 'public-key' }],
    },
  })
  options!: object;
}

@Documented({ description: 'Options for `navigator.credentials.get()`.' })
export class PasskeyRequestDto {
  @ForeignField({
    description:
      '`PublicKeyCredentialRequestOptionsJSON` of WebAuthn 3, for `PublicKeyCredential.parseRequestOptionsFromJSON()` or the phone’s own API.',
    example: { rpId: 'localhost', challenge: CHALLENGE, userVerification: 'required' },
  })
  options!: object;
}

@Documented({ description: 'A new passkey, as the device created it.' })
export class RegisterPasskeyDto {
  @StringField(name)
  name!: string;

  @ForeignField({
    description: '`RegistrationResponseJSON` of WebAuthn 3: the result of `toJSON()` of the new credential.',
    example: registration,
  })
  response!: object;
}

@Documented({
  description: 'A sign-in with a passkey and the device that signs in.',
  examples: { passkey: { summary: 'On a named device', value: { response: assertion, ...EXAMPLE_DEVICE } } },
})
export class PasskeySignInDto extends DeviceDto {
  @ForeignField({
    description: '`AuthenticationResponseJSON` of WebAuthn 3: the result of `toJSON()` of the credential.',
    example: assertion,
  })
  response!: object;
}

@Documented({ description: 'The new name of a passkey.' })
export class RenamePasskeyDto {
  @StringField(name)
  name!: string;
}

@Documented({ description: 'A passkey of the account.' })
export class PasskeyDto {
  @UuidField({ description: 'Id of the passkey.', example: PASSKEY_ID })
  id!: string;

  @StringField(name)
  name!: string;

  @BooleanField({
    description: 'Whether it is also on the person’s other devices, or in their backup.',
    example: true,
  })
  backedUp!: boolean;

  @InstantField({ description: 'When it was created.', example: '2026-01-06T20:30:05.000Z' })
  createdAt!: Date;

  @InstantField({
    description: 'When it was last used to sign in; null if never.',
    example: '2026-01-06T20:45:05.000Z',
    nullable: true,
  })
  lastUsedAt!: Date | null;
}

@Documented({ description: 'The passkeys of the account.' })
export class PasskeyListDto {
  @ListField({ description: 'The oldest first; never more than 20.', type: () => PasskeyDto })
  data!: PasskeyDto[];
}
