import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { Table } from '../../platform/database/table.js';
import { RecoveryCode } from './recovery-code.entity.js';
import { digest } from '../../platform/random-token.js';

const COUNT = 10;
/** 80 bits: nobody guesses one, not even with a copy of the table. */
const CODE_BYTES = 10;

/** Codes for who has lost the authenticator app: each works once. */
@Injectable()
export class RecoveryCodes {
  private readonly table: Table<RecoveryCode>;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {
    this.table = new Table(database.writer, RecoveryCode);
  }

  /** Makes new ones, and ends the old. Joins the caller's unit of work. @returns the codes, which are not kept. */
  async renew(userId: string): Promise<string[]> {
    const codes = Array.from({ length: COUNT }, () => randomBytes(CODE_BYTES).toString('hex'));
    const createdAt = this.clock.date();
    await this.removeAll(userId);
    await this.table.insert(
      this.database,
      codes.map((code) => ({ codeHash: hashOf(userId, code), userId, createdAt })),
    );
    return codes.map(inGroups);
  }

  /** Uses one up, however it is written: the deletion decides who gets in. Joins the caller's unit of work. */
  async accepts(userId: string, code: string): Promise<boolean> {
    const plain = code.toLowerCase().replaceAll(/[^0-9a-z]/g, '');
    const sql = 'DELETE FROM recovery_codes WHERE code_hash = ? AND user_id = ?';
    return (await this.database.execute(sql, [hashOf(userId, plain), userId])) > 0;
  }

  async countOf(userId: string): Promise<number> {
    const [row] = await this.database.rows<{ count: unknown }>(
      'SELECT COUNT(*) AS count FROM recovery_codes WHERE user_id = ?',
      [userId],
    );
    return Number(row?.count ?? 0);
  }

  async removeAll(userId: string): Promise<void> {
    await this.database.execute('DELETE FROM recovery_codes WHERE user_id = ?', [userId]);
  }
}

/** Hexadecimal in fours: nothing in it looks like anything else. */
const inGroups = (code: string): string => (code.match(/.{4}/g) ?? []).join('-');

const hashOf = (userId: string, code: string): string => digest(`${userId}:${code}`);
