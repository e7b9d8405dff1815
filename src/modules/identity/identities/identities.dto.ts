import { Documented } from '../../../kernel/http/documented.js';
import {
  BooleanField,
  CodeField,
  EnumField,
  InstantField,
  ListField,
  StringField,
  UuidField,
} from '../../../kernel/http/fields.js';
import { DeviceDto, EXAMPLE_DEVICE } from '../sessions/sessions.dto.js';
import { providerNames } from '../providers/provider.js';

/** The verifier in the examples and its S256 challenge. */
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
export const EXAMPLE_CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
export const EXAMPLE_LINK = 'https://hale.example.org/signed-in';
const ID_TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMDc2OSJ9.c2lnbmF0dXJl';
const CODE = 'Qm8xv0nSg3JtWbY5pKc7ZdRfHuLqEaTiXoNwVs2My1k';

const provider = {
  description: 'The provider.',
  example: 'google',
  values: providerNames,
  name: 'ProviderName',
  meaning: '`google`, `apple`, `facebook` or `github`.',
};
const idToken = {
  description: 'The token that the provider’s SDK gave the app. It works once.',
  example: ID_TOKEN,
  max: 8_192,
};
const nonce = {
  description:
    'The `nonce` that the app gave the SDK; omit it if there was none. It must match the one in the token.',
  example: 'n-0S6_WzA2Mj',
  max: 256,
};
const code = {
  description: 'The `code` that the app link was opened with. It works once, for a minute.',
  example: CODE,
  max: 128,
};
const verifier = {
  description:
    'The verifier for the challenge that the browser was opened with. Any other is answered with 400.',
  example: VERIFIER,
  max: 128,
};

@Documented({ description: 'A provider to sign in with.' })
export class ProviderDto {
  @EnumField(provider)
  provider!: string;

  @StringField({ description: 'Name to show to people.', example: 'Google', max: 32 })
  title!: string;

  @BooleanField({
    description:
      'Whether `POST /api/auth/{provider}` accepts its id_tokens. The browser flow works with every provider.',
    example: true,
  })
  takesIdToken!: boolean;
}

@Documented({ description: 'The providers that this service is configured for.' })
export class ProviderListDto {
  @ListField({ description: 'In the order in which to show them.', type: () => ProviderDto })
  data!: ProviderDto[];
}

@Documented({
  description: 'The id_token of a provider’s SDK and the device that signs in.',
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
  idToken!: string;

  @StringField({ ...nonce, optional: true })
  nonce?: string;
}

@Documented({
  description: 'The code that the browser returned with and the device that signs in.',
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

  /** Optional, because a missing verifier is an invalid grant (RFC 7636, 4.6) and not a malformed field. */
  @StringField({ ...verifier, optional: true })
  codeVerifier?: string;
}

@Documented({
  description:
    'An id_token, or a code and its verifier of a flow that was begun with `POST /api/auth/identities/start`.',
  exactlyOne: ['id_token', 'code'],
  examples: {
    'id-token': { summary: 'With an id_token', value: { provider: 'google', id_token: ID_TOKEN } },
    code: { summary: 'With a code', value: { provider: 'google', code: CODE, code_verifier: VERIFIER } },
  },
})
export class LinkDto {
  @EnumField(provider)
  provider!: (typeof providerNames)[number];

  @StringField({ ...idToken, optional: true })
  idToken?: string;

  @StringField({ ...nonce, optional: true })
  nonce?: string;

  @StringField({ ...code, optional: true })
  code?: string;

  @StringField({ ...verifier, optional: true })
  codeVerifier?: string;
}

@Documented({ description: 'The request to open the browser with.' })
export class StartLinkDto {
  @EnumField(provider)
  provider!: (typeof providerNames)[number];

  @StringField({
    description: 'The app link that the browser ends at: one that the service is configured with.',
    example: EXAMPLE_LINK,
    max: 512,
  })
  redirectUri!: string;

  @CodeField({
    description: 'The S256 challenge of a `code_verifier` that the app keeps (RFC 7636).',
    example: EXAMPLE_CHALLENGE,
    pattern: /^[\w-]{43}$/,
    mustBe: 'the S256 of a code_verifier, 43 characters of base64url',
    max: 43,
  })
  codeChallenge!: string;
}

@Documented({ description: 'The URL to open in the browser.' })
export class StartedDto {
  @StringField({
    description: 'Open it in the browser of this device within a minute.',
    example: 'https://hale.example.org/api/auth/google?redirect_uri=…',
    max: 4_096,
  })
  url!: string;
}

@Documented({ description: 'A provider account that can sign in to this account.' })
export class IdentityDto {
  @UuidField({ description: 'Id of the link.', example: '019b9500-a0c8-7b1f-b2c3-9d8e7f6a5b4c' })
  id!: string;

  @EnumField(provider)
  provider!: string;

  @StringField({
    description: 'The address that the provider last reported; null if it reports none.',
    example: 'ada@gmail.com',
    max: 254,
    nullable: true,
  })
  email!: string | null;

  @InstantField({ description: 'When it was linked.', example: '2026-01-06T20:30:05.000Z' })
  createdAt!: Date;

  @InstantField({ description: 'When it last signed in.', example: '2026-01-06T20:45:05.000Z' })
  lastUsedAt!: Date;
}

@Documented({ description: 'Every provider account that can sign in to this account.' })
export class IdentityListDto {
  @ListField({ description: 'In the order in which they were linked.', type: () => IdentityDto })
  data!: IdentityDto[];
}
