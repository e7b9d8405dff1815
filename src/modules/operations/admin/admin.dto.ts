import { Documented } from '../../../kernel/http/documented.js';
import {
  BooleanField,
  EnumField,
  InstantField,
  ListField,
  StringField,
  UuidField,
} from '../../../kernel/http/fields.js';
import { Page, PageQuery } from '../../../kernel/http/paging.js';
import { REASON, type Reason } from '../../../kernel/audit/reasons.js';
import { ROLE, type Role } from '../../identity/public.js';
import { accountOrders, type AccountOrder } from './accounts.repository.js';

const role = { ...ROLE, example: 'coach' };
const disabled = { description: 'Whether the account is closed: sign-in is refused.', example: true };

/** The query of every operation on an account. */
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
      '`active`: can sign in; `disabled`: closed by an admin; `unverified`: the address is not verified.',
    optional: true,
  })
  state?: 'active' | 'disabled' | 'unverified';

  @EnumField({
    description: 'Sort order; default: the newest accounts first.',
    example: '-created_at',
    values: accountOrders,
    name: 'AccountOrder',
    meaning: 'The name of a field; `-` before it reverses the order.',
    optional: true,
  })
  sort?: AccountOrder;
}

@Documented({ description: 'An account as admins see it, without any data that the person stores in it.' })
export class AccountDto {
  @UuidField({ description: 'Id of the account.', example: '019b94ff-a2e0-7d3a-9a61-5d6a5b1f4c33' })
  id!: string;

  @StringField({ description: 'Its address.', example: 'ada@example.org', max: 254 })
  email!: string;

  @BooleanField({
    description: 'Whether the owner proved that mail to the address reaches them.',
    example: true,
  })
  emailVerified!: boolean;

  @StringField({ description: 'Name shown in the app.', example: 'Ada', max: 100, nullable: true })
  displayName!: string | null;

  @EnumField(role)
  role!: Role;

  @InstantField({ description: 'When it was closed; null if it is open.', example: null, nullable: true })
  disabledAt!: Date | null;

  @InstantField({ description: 'When it was created.', example: '2026-01-06T20:30:05.000Z' })
  createdAt!: Date;

  @InstantField({
    description: 'When one of its devices was last used.',
    example: '2026-01-06T20:45:05.000Z',
    nullable: true,
  })
  lastSeenAt!: Date | null;
}

@Documented({ description: 'A page of accounts.' })
export class AccountPageDto extends Page {
  @ListField({ description: 'The accounts.', type: () => AccountDto })
  data!: AccountDto[];
}

@Documented({
  description: 'The values to change. A password cannot be set.',
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
