import { Documented } from '../../kernel/http/documented.js';
import {
  BooleanField,
  CodeField,
  EnumField,
  InstantField,
  ListField,
  StringField,
  UuidField,
} from '../../kernel/http/fields.js';
import { DeviceDto, EXAMPLE_DEVICE } from '../sessions/public.js';
import { providerNames } from '../providers/public.js';

/** The verifier of the examples, and its S256. */
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
export const EXAMPLE_CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
export const EXAMPLE_LINK = 'https://hale.example.org/signed-in';
const ID_TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMDc2OSJ9.c2lnbmF0dXJl';
const CODE = 'Qm8xv0nSg3JtWbY5pKc7ZdRfHuLqEaTiXoNwVs2My1k';

const provider = {
  description: 'The provider.',
  example: 'google',
  values: providerNames,
  name: 'Provider',
  meaning: '`google`, `apple`, `facebook` or `github`.',
};
const idToken = {
  description: 'As the SDK of the provider gave it to the app. It works once.',
  example: ID_TOKEN,
  max: 8_192,
};
const nonce = {
  description:
    'What the app gave the SDK as `nonce`; left out if it gave none. It must be the one in the token.',
  example: 'n-0S6_WzA2Mj',
  max: 256,
};
const code = {
  description: 'What the link of the app was opened with. It works once, for a minute.',
  example: CODE,
  max: 128,
};
const verifier = {
  description: 'Whose S256 the browser was opened with. Without the right one the answer is 400.',
  example: VERIFIER,
  max: 128,
};

@Documented({ description: 'A provider one can sign in with.' })
export class ProviderDto {
  @EnumField(provider)
  provider!: string;

  @StringField({ description: 'As people know it.', example: 'Google', max: 32 })
  title!: string;

  @BooleanField({
    description:
      'Whether `POST /api/auth/{provider}` takes its id_tokens; the browser is a way with all of them.',
    example: true,
  })
  takes_id_token!: boolean;
}

@Documented({ description: 'The providers this service is set up for.' })
export class ProviderListDto {
  @ListField({ description: 'In the order they are shown in.', type: () => ProviderDto })
  data!: ProviderDto[];
}

@Documented({
  description: 'What the SDK of a provider gave the app, and the device that signs in.',
  examples: {
    'with-nonce': {
      summary: 'On a named device',
      value: { id_token: ID_TOKEN, nonce: nonce.example, ...EXAMPLE_DEVICE },
    },
    minimal: { summary: 'Required fields', value: { id_token: ID_TOKEN } },
  },
})
export class IdTokenDto extends DeviceDto {
  @StringField(idToken)
  id_token!: string;

  @StringField({ ...nonce, optional: true })
  nonce?: string;
}

@Documented({
  description: 'The code the browser came back with, and the device that signs in.',
  examples: {
    exchange: {
      summary: 'On a named device',
      value: { code: CODE, code_verifier: VERIFIER, ...EXAMPLE_DEVICE },
    },
  },
})
export class CodeDto extends DeviceDto {
  @StringField(code)
  code!: string;

  /** A missing one is an invalid grant, as RFC 7636, 4.6, has it, and no malformed field. */
  @StringField({ ...verifier, optional: true })
  code_verifier?: string;
}

@Documented({
  description:
    'An id_token, or a code and its verifier of a flow that was begun with `POST /api/auth/identities/start`.',
  examples: {
    'id-token': { summary: 'With an id_token', value: { provider: 'google', id_token: ID_TOKEN } },
    code: { summary: 'With a code', value: { provider: 'google', code: CODE, code_verifier: VERIFIER } },
  },
})
export class LinkDto {
  @EnumField(provider)
  provider!: (typeof providerNames)[number];

  @StringField({ ...idToken, optional: true })
  id_token?: string;

  @StringField({ ...nonce, optional: true })
  nonce?: string;

  @StringField({ ...code, optional: true })
  code?: string;

  @StringField({ ...verifier, optional: true })
  code_verifier?: string;
}

@Documented({ description: 'What the browser shall be opened with.' })
export class StartLinkDto {
  @EnumField(provider)
  provider!: (typeof providerNames)[number];

  @StringField({
    description: 'The link of the app that the browser ends at: one of those the service is set up with.',
    example: EXAMPLE_LINK,
    max: 512,
  })
  redirect_uri!: string;

  @CodeField({
    description: 'The S256 of a `code_verifier` that the app keeps (RFC 7636).',
    example: EXAMPLE_CHALLENGE,
    pattern: /^[\w-]{43}$/,
    says: 'the S256 of a code_verifier, 43 characters of base64url',
    max: 43,
  })
  code_challenge!: string;
}

@Documented({ description: 'Where to send the browser.' })
export class StartedDto {
  @StringField({
    description: 'Open it in the browser of this device within a minute.',
    example: 'https://hale.example.org/api/auth/google?redirect_uri=…',
    max: 4_096,
  })
  url!: string;
}

@Documented({ description: 'An account at a provider that signs in to this account.' })
export class IdentityDto {
  @UuidField({ description: 'Id of the link.', example: '019b9500-a0c8-7b1f-b2c3-9d8e7f6a5b4c' })
  id!: string;

  @EnumField(provider)
  provider!: string;

  @StringField({
    description: 'The address there, as the provider said it last; null where it says none.',
    example: 'ada@gmail.com',
    max: 254,
    nullable: true,
  })
  email!: string | null;

  @InstantField({ description: 'When it was linked.', example: '2026-01-06T20:30:05.000Z' })
  created_at!: string;

  @InstantField({ description: 'When it was used to sign in last.', example: '2026-01-06T20:45:05.000Z' })
  last_used_at!: string;
}

@Documented({ description: 'Every account at a provider that signs in to this account.' })
export class IdentityListDto {
  @ListField({ description: 'The first linked first.', type: () => IdentityDto })
  data!: IdentityDto[];
}
