import { type AuditAction, auditActions } from '../../kernel/audit/actions.js';
import { Documented } from '../../kernel/http/documented.js';
import {
  EnumField,
  InstantField,
  IntegerField,
  ListField,
  StringField,
  UuidField,
  WordListField,
} from '../../kernel/http/fields.js';
import { REASON, type Reason } from '../../kernel/audit/reasons.js';
import { Page, PageQuery } from '../../kernel/http/paging.js';

const ME = '019b94ff-a2e0-7d3a-9a61-5d6a5b1f4c33';
const PSEUDONYM = '9f2c51d0a7b84e6c8d13f05a6be7c421';
const opened = {
  at: '2026-01-06T20:30:05.000Z',
  action: 'session.opened',
  by: 'me',
  actor_id: ME,
  target: '019b9500-a0c8-7b1f-b2c3-9d8e7f6a5b4c',
  fields: [],
  reason: null,
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

const action = {
  description: 'What happened.',
  example: 'session.opened',
  values: Object.keys(auditActions),
  name: 'AuditAction',
  meaning: Object.entries(auditActions)
    .map(([name, meaning]) => `\`${name}\`: ${meaning}`)
    .join(' '),
};

/** What every entry tells, whoever reads it. */
abstract class EntryDto {
  @InstantField({ description: 'When it happened.', example: opened.at })
  at!: string;

  @EnumField(action)
  action!: string;

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

  @EnumField({ ...REASON, description: 'Why, where an admin did it.', nullable: true })
  reason!: string | null;

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

@Documented({ description: 'Something that happened to the account.' })
export class AccessLogEntryDto extends EntryDto {
  @EnumField({
    description: 'Who did it.',
    example: 'me',
    values: ['me', 'somebody', 'stranger'],
    name: 'AuditActor',
    meaning:
      '`me`: somebody signed in to this account; `somebody`: another account; `stranger`: nobody who was signed in.',
  })
  by!: string;
}

@Documented({ description: 'A page of the access log.', examples: page })
export class AccessLogPageDto extends Page {
  @ListField({ description: 'Entries, the newest first.', type: () => AccessLogEntryDto })
  data!: AccessLogEntryDto[];
}

export class AuditQuery extends PageQuery {
  @EnumField(REASON)
  reason!: Reason;

  @UuidField({ description: 'Only what this account did.', example: ME, optional: true })
  actor_id?: string;

  @UuidField({ description: 'Only what was done to this account.', example: ME, optional: true })
  subject_id?: string;

  @EnumField({ ...action, description: 'Only what is of this kind.', optional: true })
  action?: AuditAction;

  @InstantField({ description: 'Only what happened at or after.', example: opened.at, optional: true })
  since?: string;

  @InstantField({
    description: 'Only what happened before.',
    example: '2026-01-07T00:00:00.000Z',
    optional: true,
  })
  until?: string;
}

@Documented({ description: 'An entry of the audit log.' })
export class AuditEntryDto extends EntryDto {
  @IntegerField({
    description: 'Its place in the chain: 1 for the first, without gaps.',
    example: 4_711,
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
  })
  seq!: number;

  @StringField({
    description: 'The name of who did it, random for each account and kept when the account is gone.',
    example: PSEUDONYM,
    max: 32,
    nullable: true,
  })
  actor!: string | null;

  @StringField({
    description: 'The name of whom it was done to.',
    example: PSEUDONYM,
    max: 32,
    nullable: true,
  })
  subject!: string | null;

  @UuidField({ description: 'The account it was done to, while there is one.', example: ME, nullable: true })
  subject_id!: string | null;

  @StringField({
    description: 'SHA-256 over the entry and the hash of the one before, base64url.',
    example: '3q2-7wQm1Jf0cTzY5u8XbN4rKdLhGpVaEoIsWxUyB6M',
    max: 43,
  })
  hash!: string;
}

@Documented({ description: 'A page of the audit log.' })
export class AuditPageDto extends Page {
  @ListField({ description: 'Entries, the newest first.', type: () => AuditEntryDto })
  data!: AuditEntryDto[];
}
