import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, Not, type ObjectLiteral, Repository, type SelectQueryBuilder } from 'typeorm';
import { Keyset, type SortColumn } from '../../../kernel/http/keyset.js';
import { readPage } from '../../../kernel/http/page-reader.js';
import type { Listing, Place } from '../../../kernel/http/paging.js';
import { instantText, readInstant } from '../../../platform/database/database.js';
import { type Role, Session, User } from '../../identity/public.js';

export interface Account {
  readonly id: string;
  readonly pseudonym: string;
  readonly email: string;
  readonly emailVerified: boolean;
  readonly displayName: string | null;
  readonly role: Role;
  readonly disabledAt: Date | null;
  readonly createdAt: Date;
  readonly lastSeenAt: Date | null;
}

/** Before every instant: the place of accounts that no device has used, in an order by `last_seen_at`. */
const NEVER = '0001-01-01 00:00:00.000';

/** What accounts are sorted by before their id, and the value of an account. No index serves the order by `last_seen_at`. */
const sortings = {
  created_at: {
    column: (): SortColumn => ({ sql: 'account.createdAt', holds: 'instant' }),
    valueOf: ({ createdAt }: Account) => instantText(createdAt),
  },
  email: {
    column: (): SortColumn => ({ sql: 'account.email', holds: 'text' }),
    valueOf: ({ email }: Account) => email,
  },
  last_seen_at: {
    column: (users: Repository<User>): SortColumn => ({
      sql: `COALESCE(${lastSeen(users.createQueryBuilder().subQuery()).getQuery()}, '${NEVER}')`,
      holds: 'instant',
    }),
    valueOf: ({ lastSeenAt }: Account) => (lastSeenAt ? instantText(lastSeenAt) : NEVER),
  },
};

const orders = {
  created_at: [sortings.created_at, 'ASC'],
  '-created_at': [sortings.created_at, 'DESC'],
  email: [sortings.email, 'ASC'],
  '-email': [sortings.email, 'DESC'],
  last_seen_at: [sortings.last_seen_at, 'ASC'],
  '-last_seen_at': [sortings.last_seen_at, 'DESC'],
} as const;
export type AccountOrder = keyof typeof orders;
/** A client names an order; it never sends SQL. */
export const accountOrders = Object.keys(orders) as AccountOrder[];

const states = {
  active: { disabledAt: IsNull() },
  disabled: { disabledAt: Not(IsNull()) },
  unverified: { emailVerifiedAt: IsNull() },
};

export interface AccountFilter {
  readonly search?: string;
  readonly role?: Role;
  readonly state?: keyof typeof states;
  readonly sort?: AccountOrder;
}

/** What no account exceeds in an answer: its texts are few and short. */
const ACCOUNT_BYTES = 2_000;

/** Everything that admins see of an account; never the password hash or the settings. */
const COLUMNS = [
  'id',
  'pseudonym',
  'email',
  'emailVerifiedAt',
  'displayName',
  'role',
  'disabledAt',
  'createdAt',
].map((column) => `account.${column}`);

/** All accounts, for admins. It reads none of the data that people store in them. */
@Injectable()
export class AccountsRepository {
  constructor(@InjectRepository(User) private readonly users: Repository<User>) {}

  /** One page of accounts. @throws Problem `validation` for a cursor of another list */
  async page(filter: AccountFilter, place: Place): Promise<Listing<Account>> {
    const [{ column, valueOf }, direction] = orders[filter.sort ?? '-created_at'];
    const columns: SortColumn[] = [column(this.users), { sql: 'account.id', holds: 'text' }];
    const { search, role, state } = filter;
    const keyset = new Keyset(['accounts', search, role, state], columns, direction);
    const { rows: data, next } = await readPage<Account>(keyset, place, {
      bytesOf: ACCOUNT_BYTES,
      positionOf: (account) => [valueOf(account), account.id],
      read: ({ after, offset }, count) => {
        const accounts = this.matching(filter).limit(count).offset(offset);
        if (after) accounts.andWhere(...keyset.namedAfter(after));
        for (const { sql } of columns) accounts.addOrderBy(sql, direction);
        return read(accounts);
      },
    });
    return { data, total: await this.matching(filter).getCount(), next };
  }

  async find(id: string): Promise<Account | undefined> {
    const [account] = await read(this.accounts().where({ id }));
    return account;
  }

  private matching({ search, role, state }: AccountFilter): SelectQueryBuilder<User> {
    const accounts = this.accounts();
    if (role) accounts.andWhere({ role });
    if (state) accounts.andWhere(states[state]);
    if (search !== undefined) accounts.andWhere(MATCHES, { pattern: patternOf(search) });
    return accounts;
  }

  private accounts(): SelectQueryBuilder<User> {
    return this.users.createQueryBuilder('account').select(COLUMNS).addSelect(lastSeen, 'last_seen_at');
  }
}

/** When one of the devices of the account was last used. */
const lastSeen = <Row extends ObjectLiteral>(
  query: SelectQueryBuilder<Row>,
): SelectQueryBuilder<ObjectLiteral> =>
  query.select('MAX(session.lastUsedAt)').from(Session, 'session').where('session.userId = account.id');

/** Part of the address or the name. Addresses are stored in lower case; in names LOWER changes ASCII letters on every database. */
const MATCHES = `(account.email LIKE :pattern ESCAPE '!' OR LOWER(account.displayName) LIKE :pattern ESCAPE '!')`;
const patternOf = (search: string): string => `%${search.toLowerCase().replaceAll(/[!%_]/g, '!$&')}%`;

async function read(accounts: SelectQueryBuilder<User>): Promise<Account[]> {
  const { entities, raw } = await accounts.getRawAndEntities<{ last_seen_at: unknown }>();
  return entities.map(
    ({ id, pseudonym, email, emailVerifiedAt, displayName, role, disabledAt, createdAt }, index) => ({
      id,
      pseudonym,
      email,
      emailVerified: emailVerifiedAt !== null,
      displayName,
      role,
      disabledAt,
      createdAt,
      lastSeenAt: instantOf(raw[index]?.last_seen_at),
    }),
  );
}

const instantOf = (value: unknown): Date | null => (value == null ? null : readInstant(value));
