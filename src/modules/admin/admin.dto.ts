import { Documented } from '../../kernel/http/documented.js';
import {
  BooleanField,
  EnumField,
  InstantField,
  ListField,
  StringField,
  UuidField,
} from '../../kernel/http/fields.js';
import { Page, PageQuery } from '../../kernel/http/paging.js';
import { REASON, type Reason } from '../../kernel/audit/reasons.js';
import { ROLE, type Role } from '../users/public.js';
import { accountOrders, type AccountOrder } from './accounts.repository.js';

const role = { ...ROLE, example: 'coach' };
const disabled = { description: 'Whether the account is closed: nobody can sign in to it.', example: true };

/** What every operation on an account asks for. */
export class ReasonQuery {
  @EnumField(REASON)
  reason!: Reason;
}

export class AccountListQuery extends PageQuery {
  @EnumField(REASON)
  reason!: Reason;

  @StringField({
    description: 'Part of the address or the name; ASCII letters in any case.',
    example: 'ada',
    max: 100,
    optional: true,
  })
  search?: string;

  @EnumField({ ...role, description: 'Only accounts with this role.', optional: true })
  role?: Role;

  @EnumField({
    description: 'Only accounts in this state.',
    example: 'active',
    values: ['active', 'disabled', 'unverified'],
    name: 'AccountState',
    meaning:
      '`active`: one can sign in; `disabled`: an admin has closed it; `unverified`: the address is not shown to be its owner’s.',
    optional: true,
  })
  state?: 'active' | 'disabled' | 'unverified';

  @EnumField({
    description: 'What the list is sorted by; the newest accounts first, unless given.',
    example: '-created_at',
    values: accountOrders,
    name: 'AccountOrder',
    meaning: 'A field, with `-` before it for the other direction.',
    optional: true,
  })
  sort?: AccountOrder;
}

@Documented({ description: 'An account as admins see it: nothing of what the person keeps in it.' })
export class AccountDto {
  @UuidField({ description: 'Id of the account.', example: '019b94ff-a2e0-7d3a-9a61-5d6a5b1f4c33' })
  id!: string;

  @StringField({ description: 'Its address.', example: 'ada@example.org', max: 254 })
  email!: string;

  @BooleanField({ description: 'Whether its owner has shown to read mail sent there.', example: true })
  email_verified!: boolean;

  @StringField({ description: 'Name shown in the app.', example: 'Ada', max: 100, nullable: true })
  display_name!: string | null;

  @EnumField(role)
  role!: Role;

  @InstantField({ description: 'When it was closed.', example: null, nullable: true })
  disabled_at!: string | null;

  @InstantField({ description: 'When it was made.', example: '2026-01-06T20:30:05.000Z' })
  created_at!: string;

  @InstantField({
    description: 'When a device of it was used last.',
    example: '2026-01-06T20:45:05.000Z',
    nullable: true,
  })
  last_seen_at!: string | null;
}

@Documented({ description: 'A page of accounts.' })
export class AccountPageDto extends Page {
  @ListField({ description: 'The accounts.', type: () => AccountDto })
  data!: AccountDto[];
}

@Documented({
  description: 'What shall change. There is no way to set a password.',
  examples: {
    coach: { summary: 'Make a coach', value: { role: 'coach' } },
    close: { summary: 'Close the account', value: { disabled: true } },
  },
})
export class UpdateAccountDto {
  @EnumField({ ...role, optional: true })
  role?: Role;

  @BooleanField({ ...disabled, optional: true })
  disabled?: boolean;
}
