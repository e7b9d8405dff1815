import { Injectable } from '@nestjs/common';
import { type Condition, conditions, type Place } from '../../kernel/records/owned-records.js';
import { Database, readInstant } from '../../platform/database/database.js';
import type { SqlRow } from '../../platform/database/statements.js';
import type { Role } from '../users/public.js';

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
  created_at: 'created_at ASC, id ASC',
  '-created_at': 'created_at DESC, id DESC',
  email: 'email ASC',
  '-email': 'email DESC',
  last_seen_at: 'last_seen_at ASC, id ASC',
  '-last_seen_at': 'last_seen_at DESC, id DESC',
} as const;
export type AccountOrder = keyof typeof orders;
/** A client names an order; it never writes one. */
export const accountOrders = Object.keys(orders) as AccountOrder[];

const states = {
  active: 'disabled_at IS NULL',
  disabled: 'disabled_at IS NOT NULL',
  unverified: 'email_verified_at IS NULL',
} as const;

export interface AccountFilter {
  readonly search?: string;
  readonly role?: Role;
  readonly state?: keyof typeof states;
  readonly sort?: AccountOrder;
}

const COLUMNS = `id, pseudonym, email, email_verified_at, display_name, role, disabled_at, created_at,
  (SELECT MAX(last_used_at) FROM sessions WHERE user_id = users.id) AS last_seen_at`;

/** Accounts of everybody, for admins: of what people keep in them it reads nothing. */
@Injectable()
export class AccountsRepository {
  constructor(private readonly database: Database) {}

  async page(
    { search, role, state, sort = '-created_at' }: AccountFilter,
    { limit, offset }: Place,
  ): Promise<{ data: Account[]; total: number }> {
    const [where, values] = conditions(['role = ?', role]);
    const [matches, patterns] = matching(search);
    const filter = `1 = 1${where}${matches}${state ? ` AND ${states[state]}` : ''}`;
    const given = [...values, ...patterns];
    const rows = await this.database.rows<SqlRow>(
      `SELECT ${COLUMNS} FROM users WHERE ${filter} ORDER BY ${orders[sort]} LIMIT ? OFFSET ?`,
      [...given, limit, offset],
    );
    const [counted] = await this.database.rows<{ total: unknown }>(
      `SELECT COUNT(*) AS total FROM users WHERE ${filter}`,
      given,
    );
    return { data: rows.map(accountOf), total: Number(counted?.total) };
  }

  async find(id: string): Promise<Account | undefined> {
    const [row] = await this.database.rows<SqlRow>(`SELECT ${COLUMNS} FROM users WHERE id = ?`, [id]);
    return row && accountOf(row);
  }
}

/** Part of the address or the name. Addresses are kept in lower case; of a name LOWER changes ASCII letters everywhere. */
function matching(search: string | undefined): Condition {
  if (search === undefined) return ['', []];
  const pattern = `%${search.toLowerCase().replaceAll(/[!%_]/g, '!$&')}%`;
  return [" AND (email LIKE ? ESCAPE '!' OR LOWER(display_name) LIKE ? ESCAPE '!')", [pattern, pattern]];
}

const accountOf = (row: SqlRow): Account => ({
  id: row['id'] as string,
  pseudonym: row['pseudonym'] as string,
  email: row['email'] as string,
  emailVerified: row['email_verified_at'] !== null,
  displayName: row['display_name'] as string | null,
  role: row['role'] as Role,
  disabledAt: instantOf(row['disabled_at']),
  createdAt: readInstant(row['created_at']),
  lastSeenAt: instantOf(row['last_seen_at']),
});

const instantOf = (value: unknown): Date | null => (value === null ? null : readInstant(value));
