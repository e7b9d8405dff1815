import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { BrokenSealError, SecretBox } from './secret-box.js';

const PAGE = 500;

/** A column of sealed texts that outlive the secret they were sealed with. */
export interface SealedColumn {
  readonly table: string;
  /** Its key, which is also the context of the seals. */
  readonly id: string;
  readonly column: string;
  readonly purpose: string;
}

/** How many texts were sealed anew, and how many open with no secret the service was started with. */
export interface Resealed {
  readonly renewed: number;
  readonly unreadable: number;
}

interface SealedRow {
  readonly id: string;
  readonly sealed: string;
}

/** Puts what is sealed under the secret of today, so that the one before it can be forgotten. */
@Injectable()
export class Resealing {
  constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly box: SecretBox,
  ) {}

  /** May run while the service does, and again: what changes meanwhile is left to whoever changed it. */
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
        const anew = this.box.reseal(purpose, sealed, id);
        if (anew === undefined) continue;
        renewed += await this.database.execute(
          `UPDATE ${table} SET ${column} = ? WHERE ${key} = ? AND ${column} = ?`,
          [anew, id, sealed],
        );
      } catch (error) {
        if (!(error instanceof BrokenSealError)) throw error;
        unreadable += 1;
      }
    return { renewed, unreadable };
  }
}
