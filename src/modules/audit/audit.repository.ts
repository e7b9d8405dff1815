import { Injectable } from '@nestjs/common';
import { Database, instantText } from '../../platform/database/database.js';
import type { SqlValue } from '../../platform/database/statements.js';
import { exactInteger, Table } from '../../platform/database/table.js';
import { AuditEntry } from '../../kernel/audit/audit-entry.entity.js';
import { conditions, type Place } from '../../kernel/records/owned-records.js';

export interface AuditFilter {
  readonly subject?: string | undefined;
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly exceptAction?: string | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
}

/** Reads the audit log. Nothing writes it but `AuditLog`, and nothing changes or removes what it holds. */
@Injectable()
export class AuditRepository {
  private readonly table: Table<AuditEntry>;

  constructor(private readonly database: Database) {
    this.table = new Table(database.writer, AuditEntry);
  }

  /** The newest first. */
  async page(filter: AuditFilter, { limit, offset }: Place): Promise<{ data: AuditEntry[]; total: number }> {
    const [where, values] = conditions(
      ['subject = ?', filter.subject],
      ['actor = ?', filter.actor],
      ['action = ?', filter.action],
      ['action <> ?', filter.exceptAction],
      ['at >= ?', filter.since && instantText(filter.since)],
      ['at < ?', filter.until && instantText(filter.until)],
    );
    const data = await this.select(`1 = 1${where} ORDER BY seq DESC LIMIT ? OFFSET ?`, [
      ...values,
      limit,
      offset,
    ]);
    const [row] = await this.database.rows<{ total: unknown }>(
      `SELECT COUNT(*) AS total FROM audit_entries WHERE 1 = 1${where}`,
      values,
    );
    return { data, total: Number(row?.total ?? 0) };
  }

  /** What follows an entry, in order. */
  after(seq: bigint, limit: number): Promise<AuditEntry[]> {
    return this.select('seq > ? ORDER BY seq LIMIT ?', [seq, limit]);
  }

  /** The places of the first and the last entry, whether they are in the chain or not. */
  async bounds(): Promise<{ first: bigint; last: bigint }> {
    const [row] = await this.database.rows<{ lowest: string | null; highest: string | null }>(
      'SELECT CAST(MIN(seq) AS CHAR) AS lowest, CAST(MAX(seq) AS CHAR) AS highest FROM audit_entries',
    );
    return { first: BigInt(row?.lowest ?? 1), last: BigInt(row?.highest ?? 0) };
  }

  /** Where the chain ends. */
  async head(): Promise<{ seq: bigint; hash: string }> {
    const [row] = await this.database.rows<{ seq_text: string; hash: string }>(
      `SELECT ${exactInteger('seq')} AS seq_text, hash FROM audit_head WHERE id = 1`,
    );
    return { seq: BigInt(row?.seq_text ?? 0), hash: row?.hash ?? '' };
  }

  private select(condition: string, values: readonly SqlValue[]): Promise<AuditEntry[]> {
    return this.table.select(this.database, condition, values);
  }
}
