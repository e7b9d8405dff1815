import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, Not, Repository, type SelectQueryBuilder } from 'typeorm';
import type { Place } from '../../../records/read/page.js';
import { readInstant } from '../../../platform/database/database.js';
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

const orders = {
  created_at: { 'account.createdAt': 'ASC', 'account.id': 'ASC' },
  '-created_at': { 'account.createdAt': 'DESC', 'account.id': 'DESC' },
  email: { 'account.email': 'ASC' },
  '-email': { 'account.email': 'DESC' },
  last_seen_at: { last_seen_at: 'ASC', 'account.id': 'ASC' },
  '-last_seen_at': { last_seen_at: 'DESC', 'account.id': 'DESC' },
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

  async page(
    { search, role, state, sort = '-created_at' }: AccountFilter,
    { limit, offset }: Place,
  ): Promise<{ data: Account[]; total: number }> {
    const accounts = this.accounts();
    if (role) accounts.andWhere({ role });
    if (state) accounts.andWhere(states[state]);
    if (search !== undefined) accounts.andWhere(MATCHES, { pattern: patternOf(search) });
    const total = await accounts.getCount();
    const data = await read(accounts.orderBy(orders[sort]).limit(limit).offset(offset));
    return { data, total };
  }

  async find(id: string): Promise<Account | undefined> {
    const [account] = await read(this.accounts().where({ id }));
    return account;
  }

  private accounts(): SelectQueryBuilder<User> {
    return this.users
      .createQueryBuilder('account')
      .select(COLUMNS)
      .addSelect(
        (lastSeen) =>
          lastSeen
            .select('MAX(session.lastUsedAt)')
            .from(Session, 'session')
            .where('session.userId = account.id'),
        'last_seen_at',
      );
  }
}

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
