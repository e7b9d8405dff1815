import { Documented } from '../../kernel/http/documented.js';
import {
  BooleanField,
  InstantField,
  ListField,
  StringField,
  UuidField,
  WordListField,
} from '../../kernel/http/fields.js';
import { scopes as allScopes } from '../../kernel/http/scopes.js';

const ID = '019b9500-a0c8-7d41-9c3e-5b7a2f8e6d10';
const SECRET = 'Yt3vQm9xW2nB7rT4yU8iP1sL6kJ0hG5fD-cZaXeRoEu';
const PREFIX = 'hale_019b9500a0c87d419c3e5b7a2f8e6d10';

const KEY = `${PREFIX}_pT7F2cJ0m9S3wq8zYb1kV5nXhR4uLdEaGtOiPjQsWfM`;

const name = { description: 'What its owner calls it.', example: 'Spreadsheet', max: 100 };
const scopes = {
  description: 'All it may do: read or write one part of the data each, at least one.',
  example: ['metrics:read'],
  values: allScopes,
  max: allScopes.length,
};
const expiresAt = {
  description: 'When it ends by itself: at most 366 days after it is made, and then, unless it is said.',
  example: '2027-06-30T22:00:00.000Z',
};
const requiresSignature = {
  description: 'Whether each request must be signed besides (RFC 9421): a key that leaks is no use alone.',
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
  description: 'What a key shall be let do.',
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
  scopes!: string[];

  @InstantField({ ...expiresAt, optional: true })
  expires_at?: string;

  @BooleanField({ ...requiresSignature, optional: true })
  requires_signature?: boolean;
}

@Documented({ description: 'An API key, without what lets anybody in.' })
export class ApiKeyDto {
  @UuidField({ description: 'Id of the key; `keyid` of a signature.', example: ID })
  id!: string;

  @StringField(name)
  name!: string;

  @StringField({ description: 'How the key begins, to know it again.', example: PREFIX, max: 37 })
  prefix!: string;

  @WordListField(scopes)
  scopes!: readonly string[];

  @BooleanField(requiresSignature)
  requires_signature!: boolean;

  @InstantField({ description: 'When it was made.', example: made.created_at })
  created_at!: string;

  @InstantField({ description: 'When it ends by itself, or has ended.', example: made.expires_at })
  expires_at!: string;

  @InstantField({
    description: 'When it was used last, to the minute; null when it never was.',
    example: '2026-01-06T20:45:05.000Z',
    nullable: true,
  })
  last_used_at!: string | null;
}

@Documented({
  description: 'A new key. Its secrets are shown this once: store them now.',
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
    description: 'What requests are signed with, as UTF-8; null where they need no signature.',
    example: SECRET,
    max: 43,
    nullable: true,
  })
  signing_secret!: string | null;
}

@Documented({ description: 'All API keys of the person.' })
export class ApiKeyListDto {
  @ListField({
    description: 'The newest first, expired ones as well; never more than 50.',
    type: () => ApiKeyDto,
  })
  data!: ApiKeyDto[];
}
