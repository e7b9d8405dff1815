import { Documented } from '../../kernel/http/documented.js';
import { InstantField, ListField, StringField, UuidField, WordListField } from '../../kernel/http/fields.js';
import { readScopes } from '../../kernel/http/scopes.js';
import { AddressField } from '../users/public.js';

const id = { description: 'Id of the grant.', example: '019b9500-a0c8-7c2e-8f4d-2a9b7c6d5e10' };
const scopes = {
  description: 'What may be read, at least one.',
  example: ['metrics:read', 'meals:read'],
  values: readScopes,
  max: readScopes.length,
};
const until = {
  description: 'When it ends by itself; at most a year from now.',
  example: '2027-01-31T00:00:00.000Z',
};

const email = { description: 'Address of the other account.', example: 'coach@example.org' };

@Documented({
  description: 'Who may read what, and until when.',
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
  scopes!: string[];

  @InstantField({ ...until, description: `${until.description} 30 days unless given.`, optional: true })
  until?: string;
}

@Documented({ description: 'Something a person has let another read.' })
export class GrantDto {
  @UuidField(id)
  id!: string;

  @AddressField(email)
  email!: string;

  @WordListField({ ...scopes, min: 1 })
  scopes!: string[];

  @InstantField(until)
  until!: string;

  @InstantField({ description: 'When it was given.', example: '2026-01-06T20:30:05.000Z' })
  created_at!: string;
}

@Documented({ description: 'All that a person lets others read.' })
export class GrantListDto {
  @ListField({ description: 'Grants that hold, the newest first; never more than 50.', type: () => GrantDto })
  data!: GrantDto[];
}

@Documented({ description: 'Something that another person lets the caller read.' })
export class ReceivedGrantDto {
  @UuidField(id)
  id!: string;

  @UuidField({
    description: 'Whose data it is: send it as `owner_id`.',
    example: '019b94ff-a2e0-7d3a-9a61-5d6a5b1f4c33',
  })
  owner_id!: string;

  @StringField({ description: 'What that person is called.', example: 'Ada', max: 100, nullable: true })
  display_name!: string | null;

  @WordListField(scopes)
  scopes!: readonly string[];

  @InstantField(until)
  until!: string;
}

@Documented({ description: 'All that others let the caller read.' })
export class ReceivedGrantListDto {
  @ListField({ description: 'Grants that hold, the newest first.', type: () => ReceivedGrantDto, max: 1_000 })
  data!: ReceivedGrantDto[];
}
