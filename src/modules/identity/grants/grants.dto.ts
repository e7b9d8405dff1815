import { Documented } from '../../../kernel/http/documented.js';
import {
  InstantField,
  ListField,
  StringField,
  UuidField,
  WordListField,
} from '../../../kernel/http/fields.js';
import { Page } from '../../../kernel/http/paging.js';
import { MAX_SCOPES, readScopes } from '../../../kernel/access/scopes.js';
import { AddressField } from '../users/address-field.js';

const id = { description: 'Id of the grant.', example: '019b9500-a0c8-7c2e-8f4d-2a9b7c6d5e10' };
const scopes = {
  description: 'Which data may be read; at least one scope.',
  example: ['metrics:read', 'meals:read'],
  values: readScopes,
  max: MAX_SCOPES,
};
const until = {
  description: 'When it expires; at most a year from now.',
  example: '2027-01-31T00:00:00.000Z',
};

const email = { description: 'Address of the other account.', example: 'coach@example.org' };

@Documented({
  description: 'Who may read which data, and until when.',
  examples: {
    month: {
      summary: 'For 30 days',
      value: { email: 'coach@example.org', scopes: ['metrics:read', 'meals:read'] },
    },
  },
})
export class CreateGrantDto {
  @AddressField(email)
  email!: string;

  @WordListField({ ...scopes, min: 1 })
  scopes!: readonly string[];

  @InstantField({ ...until, description: `${until.description} 30 days unless given.`, optional: true })
  until?: Date;
}

@Documented({ description: 'Read access that a person has granted.' })
export class GrantDto {
  @UuidField(id)
  id!: string;

  @AddressField(email)
  email!: string;

  @WordListField({ ...scopes, min: 1 })
  scopes!: readonly string[];

  @InstantField(until)
  until!: Date;

  @InstantField({ description: 'When it was granted.', example: '2026-01-06T20:30:05.000Z' })
  createdAt!: Date;
}

@Documented({ description: 'All read access that a person has granted.' })
export class GrantListDto {
  @ListField({ description: 'Valid grants, the newest first; at most 50.', type: () => GrantDto })
  data!: GrantDto[];
}

@Documented({ description: 'Read access that the caller has received.' })
export class ReceivedGrantDto {
  @UuidField(id)
  id!: string;

  @UuidField({
    description: 'Id of the data’s owner, to send as `owner_id`.',
    example: '019b94ff-a2e0-7d3a-9a61-5d6a5b1f4c33',
  })
  ownerId!: string;

  @StringField({ description: 'Name of that person.', example: 'Ada', max: 100, nullable: true })
  displayName!: string | null;

  @WordListField(scopes)
  scopes!: readonly string[];

  @InstantField(until)
  until!: Date;
}

@Documented({ description: 'A page of the read access that the caller has received.' })
export class ReceivedGrantPageDto extends Page {
  @ListField({ description: 'Valid grants, the newest first.', type: () => ReceivedGrantDto })
  data!: ReceivedGrantDto[];
}
