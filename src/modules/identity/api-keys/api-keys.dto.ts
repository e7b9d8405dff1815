import { Documented } from '../../../kernel/http/documented.js';
import {
  BooleanField,
  InstantField,
  ListField,
  StringField,
  UuidField,
  WordListField,
} from '../../../kernel/http/fields.js';
import { MAX_SCOPES, scopes as allScopes } from '../../../kernel/access/scopes.js';

const ID = '019b9500-a0c8-7d41-9c3e-5b7a2f8e6d10';
const SECRET = 'Yt3vQm9xW2nB7rT4yU8iP1sL6kJ0hG5fD-cZaXeRoEu';
const PREFIX = 'hale_019b9500a0c87d419c3e5b7a2f8e6d10';

const KEY = `${PREFIX}_pT7F2cJ0m9S3wq8zYb1kV5nXhR4uLdEaGtOiPjQsWfM`;

const name = { description: 'The name that the owner gave it.', example: 'Spreadsheet', max: 100 };
const scopes = {
  description: 'Its permissions, at least one; each reads or writes one part of the data.',
  example: ['metrics:read'],
  values: allScopes,
  max: MAX_SCOPES,
};
const expiresAt = {
  description: 'When it expires: at most 366 days after its creation, which is also the default.',
  example: '2027-06-30T22:00:00.000Z',
};
const requiresSignature = {
  description: 'Whether each request must also be signed (RFC 9421), so that a leaked key alone is useless.',
  example: false,
};

const made = {
  id: ID,
  name: name.example,
  prefix: PREFIX,
  scopes: scopes.example,
  requires_signature: false,
  created_at: '2026-01-06T20:30:05.000Z',
  expires_at: '2027-01-07T20:30:05.000Z',
  last_used_at: null,
};

@Documented({
  description: 'The permissions of the new key.',
  examples: {
    reading: {
      summary: 'A key that reads weights',
      value: { name: 'Spreadsheet', scopes: ['metrics:read'] },
    },
    signed: {
      summary: 'A key whose requests are signed',
      value: { name: 'Scale', scopes: ['metrics:read', 'metrics:write'], requires_signature: true },
    },
  },
})
export class CreateApiKeyDto {
  @StringField(name)
  name!: string;

  @WordListField({ ...scopes, min: 1 })
  scopes!: readonly string[];

  @InstantField({ ...expiresAt, optional: true })
  expiresAt?: Date;

  @BooleanField({ ...requiresSignature, optional: true })
  requiresSignature?: boolean;
}

@Documented({ description: 'An API key without its secrets.' })
export class ApiKeyDto {
  @UuidField({ description: 'Id of the key, and the `keyid` of its signatures.', example: ID })
  id!: string;

  @StringField(name)
  name!: string;

  @StringField({ description: 'The beginning of the key, to recognise it.', example: PREFIX, max: 37 })
  prefix!: string;

  @WordListField(scopes)
  scopes!: readonly string[];

  @BooleanField(requiresSignature)
  requiresSignature!: boolean;

  @InstantField({ description: 'When it was created.', example: made.created_at })
  createdAt!: Date;

  @InstantField({ description: 'When it expires or expired.', example: made.expires_at })
  expiresAt!: Date;

  @InstantField({
    description: 'When it was last used, to the minute; null if never.',
    example: '2026-01-06T20:45:05.000Z',
    nullable: true,
  })
  lastUsedAt!: Date | null;
}

@Documented({
  description: 'A new key. Its secrets are shown only once: store them now.',
  examples: {
    reading: { summary: 'A key that reads weights', value: { ...made, key: KEY, signing_secret: null } },
    signed: {
      summary: 'A key whose requests are signed',
      value: { ...made, requires_signature: true, key: KEY, signing_secret: SECRET },
    },
  },
})
export class CreatedApiKeyDto extends ApiKeyDto {
  @StringField({
    description: 'The key. Send as `Authorization: Bearer …`.',
    example: KEY,
    max: 81,
  })
  key!: string;

  @StringField({
    description: 'The secret for signing requests, as UTF-8; null if the key needs no signature.',
    example: SECRET,
    max: 43,
    nullable: true,
  })
  signingSecret!: string | null;
}

@Documented({ description: 'All API keys of the person.' })
export class ApiKeyListDto {
  @ListField({
    description: 'The newest first, expired keys included; at most 50.',
    type: () => ApiKeyDto,
  })
  data!: ApiKeyDto[];
}
