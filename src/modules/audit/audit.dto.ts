import { auditActions } from '../../kernel/audit/actions.js';
import { Documented } from '../../kernel/http/documented.js';
import {
  EnumField,
  InstantField,
  ListField,
  StringField,
  UuidField,
  WordListField,
} from '../../kernel/http/fields.js';
import { Page } from '../../kernel/http/paging.js';

const ME = '019b94ff-a2e0-7d3a-9a61-5d6a5b1f4c33';
const opened = {
  at: '2026-01-06T20:30:05.000Z',
  action: 'session.opened',
  by: 'me',
  actor_id: ME,
  target: '019b9500-a0c8-7b1f-b2c3-9d8e7f6a5b4c',
  fields: [],
  address: '203.0.113.0',
  request_id: 'b6f6a1de-3a0f-4b57-9b59-6f2f8f1b7c10',
};
const refused = {
  ...opened,
  at: '2026-01-06T20:29:41.000Z',
  action: 'session.refused',
  by: 'stranger',
  actor_id: null,
  target: null,
};
const page = {
  page: {
    summary: 'A wrong password, then the right one',
    value: { data: [opened, refused], pagination: { total: 2, limit: 100, offset: 0 } },
  },
};

@Documented({ description: 'Something that happened to the account.' })
export class AccessLogEntryDto {
  @InstantField({ description: 'When it happened.', example: opened.at })
  at!: string;

  @EnumField({
    description: 'What happened.',
    example: 'session.opened',
    values: Object.keys(auditActions),
    name: 'AuditAction',
    meaning: Object.entries(auditActions)
      .map(([action, meaning]) => `\`${action}\`: ${meaning}`)
      .join(' '),
  })
  action!: string;

  @EnumField({
    description: 'Who did it.',
    example: 'me',
    values: ['me', 'somebody', 'stranger'],
    name: 'AuditActor',
    meaning:
      '`me`: somebody signed in to this account; `somebody`: another account; `stranger`: nobody who was signed in.',
  })
  by!: string;

  @UuidField({ description: 'The account that did it, while there is one.', example: ME, nullable: true })
  actor_id!: string | null;

  @StringField({
    description: 'What else it was done to, such as one session, by its id.',
    example: opened.target,
    max: 64,
    nullable: true,
  })
  target!: string | null;

  @WordListField({
    description: 'Names of the fields that changed or were read.',
    example: ['email'],
    max: 100,
  })
  fields!: readonly string[];

  @StringField({
    description: 'Where it came from: the network, not the address.',
    example: '203.0.113.0',
    max: 45,
    nullable: true,
  })
  address!: string | null;

  @StringField({
    description: 'The request it was done by, as in `X-Request-Id`.',
    example: opened.request_id,
    max: 64,
    nullable: true,
  })
  request_id!: string | null;
}

@Documented({ description: 'A page of the access log.', examples: page })
export class AccessLogPageDto extends Page {
  @ListField({ description: 'Entries, the newest first.', type: () => AccessLogEntryDto })
  data!: AccessLogEntryDto[];
}
