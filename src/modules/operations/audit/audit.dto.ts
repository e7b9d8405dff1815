import type { AuditAction } from '../../../kernel/audit/actions.js';
import { Documented } from '../../../kernel/http/documented.js';
import {
  EnumField,
  InstantField,
  IntegerField,
  ListField,
  StringField,
  UuidField,
  WordListField,
} from '../../../kernel/http/fields.js';
import { REASON, type Reason } from '../../../kernel/audit/reasons.js';
import { Page, PageQuery } from '../../../kernel/http/paging.js';
import { declaredActions } from './declared-actions.js';

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
  times: 1,
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
  values: declaredActions.map(([name]) => name),
  name: 'AuditAction',
  meaning: declaredActions.map(([name, meaning]) => `\`${name}\`: ${meaning}`).join(' '),
};

/** The fields of an entry that every reader sees. */
abstract class EntryDto {
  @InstantField({ description: 'When it happened.', example: opened.at })
  at!: Date;

  @EnumField(action)
  action!: string;

  @UuidField({
    description: 'The account that did it; null once it is deleted.',
    example: ME,
    nullable: true,
  })
  actorId!: string | null;

  @StringField({
    description: 'Id of what was affected, such as one session; null if there is none.',
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

  @EnumField({ ...REASON, description: 'The reason that an admin gave; null otherwise.', nullable: true })
  reason!: string | null;

  @IntegerField({
    description:
      'How often it happened. Repeated refusals are counted: the first has an entry of its own, and the further ones in the window after it have one together, which names no network and no request.',
    example: 1,
    min: 1,
    max: 2_147_483_647,
  })
  times!: number;

  @StringField({
    description: 'The network that the request came from, not the address.',
    example: '203.0.113.0',
    max: 45,
    nullable: true,
  })
  address!: string | null;

  @StringField({
    description: 'Id of the request, as in `X-Request-Id`.',
    example: opened.request_id,
    max: 64,
    nullable: true,
  })
  requestId!: string | null;
}

@Documented({ description: 'An event of the account.' })
export class AccessLogEntryDto extends EntryDto {
  @EnumField({
    description: 'Who did it.',
    example: 'me',
    values: ['me', 'somebody', 'stranger'],
    name: 'AuditActor',
    meaning:
      '`me`: somebody signed in to this account; `somebody`: another account; `stranger`: somebody who was not signed in.',
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

  @UuidField({ description: 'Only actions of this account.', example: ME, optional: true })
  actorId?: string;

  @UuidField({ description: 'Only actions on this account.', example: ME, optional: true })
  subjectId?: string;

  @EnumField({
    ...action,
    description: 'Only this action. The schema `AuditAction` says what each one means.',
    brief: true,
    optional: true,
  })
  action?: AuditAction;

  @InstantField({ description: 'Only entries at or after this instant.', example: opened.at, optional: true })
  since?: Date;

  @InstantField({
    description: 'Only entries before this instant.',
    example: '2026-01-07T00:00:00.000Z',
    optional: true,
  })
  until?: Date;
}

@Documented({ description: 'An entry of the audit log.' })
export class AuditEntryDto extends EntryDto {
  @IntegerField({
    description: 'Its position in the chain: 1 for the first, without gaps.',
    example: 4_711,
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
  })
  seq!: number;

  @StringField({
    description: 'Pseudonym of the account that did it: random, and kept after the account is deleted.',
    example: PSEUDONYM,
    max: 32,
    nullable: true,
  })
  actor!: string | null;

  @StringField({
    description: 'Pseudonym of the account that it was done to.',
    example: PSEUDONYM,
    max: 32,
    nullable: true,
  })
  subject!: string | null;

  @UuidField({
    description: 'The account it was done to; null once it is deleted.',
    example: ME,
    nullable: true,
  })
  subjectId!: string | null;

  @StringField({
    description: 'SHA-256 over the entry and the hash of the previous entry, base64url.',
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
