import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { BrokenSealError, SecretBox } from './secret-box.js';

const PAGE = 500;

/** A column of encrypted texts that are kept longer than the secret with which they were encrypted. */
export interface SealedColumn {
  readonly table: string;
  /** The key column of the table. Its value is also the context of the encryption. */
  readonly id: string;
  readonly column: string;
  readonly purpose: string;
}

/** The result of resealing one column. */
export interface Resealed {
  /** The number of texts that were encrypted again. */
  readonly renewed: number;
  /** The number of texts that cannot be decrypted with any secret of the service. */
  readonly unreadable: number;
}

interface SealedRow {
  readonly id: string;
  readonly sealed: string;
}

/** Encrypts stored texts again with the current secret, so that the secret before it is no longer needed. */
@Injectable()
export class Resealing {
  constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly box: SecretBox,
  ) {}

  /** It may run while the service runs, and it may run again: a text that changes in the meantime is not overwritten. */
  async reseal(column: SealedColumn): Promise<Resealed> {
    let [renewed, unreadable] = [0, 0];
    for (let after: string | undefined = ''; after !== undefined;) {
      const rows = await this.page(column, after);
      const done = await this.unitOfWork.run(() => this.renew(column, rows));
      renewed += done.renewed;
      unreadable += done.unreadable;
      after = rows.at(-1)?.id;
    }
    return { renewed, unreadable };
  }

  private page({ table, id, column }: SealedColumn, after: string): Promise<SealedRow[]> {
    return this.database.rows<SealedRow>(
      `SELECT ${id} AS id, ${column} AS sealed FROM ${table}
       WHERE ${id} > ? AND ${column} IS NOT NULL ORDER BY ${id} LIMIT ${PAGE}`,
      [after],
    );
  }

  private async renew(
    { table, id: key, column, purpose }: SealedColumn,
    rows: readonly SealedRow[],
  ): Promise<Resealed> {
    let [renewed, unreadable] = [0, 0];
    for (const { id, sealed } of rows)
      try {
        const resealed = this.box.reseal(purpose, sealed, id);
        if (resealed === undefined) continue;
        renewed += await this.database.execute(
          `UPDATE ${table} SET ${column} = ? WHERE ${key} = ? AND ${column} = ?`,
          [resealed, id, sealed],
        );
      } catch (error) {
        if (!(error instanceof BrokenSealError)) throw error;
        unreadable += 1;
      }
    return { renewed, unreadable };
  }
}
