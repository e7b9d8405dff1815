import { Injectable } from '@nestjs/common';
import { Database, instantText } from '../../platform/database/database.js';
import type { SqlValue } from '../../platform/database/statements.js';
import { Table } from '../../platform/database/table.js';
import { ApiKeyNonce } from './api-key-nonce.entity.js';
import { ApiKey } from './api-key.entity.js';

@Injectable()
export class ApiKeysRepository {
  private readonly keys: Table<ApiKey>;
  private readonly nonces: Table<ApiKeyNonce>;

  constructor(private readonly database: Database) {
    this.keys = new Table(database.writer, ApiKey);
    this.nonces = new Table(database.writer, ApiKeyNonce);
  }

  insert(key: ApiKey): Promise<void> {
    return this.keys.insert(this.database, [key]);
  }

  /** Of one person, the newest first; expired ones as well. */
  list(userId: string): Promise<ApiKey[]> {
    return this.select('user_id = ? ORDER BY created_at DESC, id DESC', [userId]);
  }

  /** The key, where it has not expired and its owner's account is open. */
  async findUsable(id: string, now: Date): Promise<ApiKey | undefined> {
    const [key] = await this.select(
      `id = ? AND expires_at > ?
       AND EXISTS (SELECT 1 FROM users WHERE users.id = api_keys.user_id AND disabled_at IS NULL)`,
      [id, instantText(now)],
    );
    return key;
  }

  /** @returns whether the person had it. */
  async remove(userId: string, id: string): Promise<boolean> {
    return (
      (await this.database.execute('DELETE FROM api_keys WHERE user_id = ? AND id = ?', [userId, id])) > 0
    );
  }

  /** Of a burst of uses one is noted. @returns whether this was. */
  async noteUse(id: string, at: Date, notedBefore: Date): Promise<boolean> {
    const noted = await this.database.execute(
      'UPDATE api_keys SET last_used_at = ? WHERE id = ? AND (last_used_at IS NULL OR last_used_at <= ?)',
      [instantText(at), id, instantText(notedBefore)],
    );
    return noted > 0;
  }

  async wasUsed(keyId: string, nonce: string): Promise<boolean> {
    const sql = 'SELECT key_id FROM api_key_nonces WHERE key_id = ? AND nonce = ?';
    return (await this.database.rows(sql, [keyId, nonce])).length > 0;
  }

  /** @throws a duplicate-key error when it was used already, a missing-parent error when the key is gone. */
  useUp(nonce: ApiKeyNonce): Promise<void> {
    return this.nonces.insert(this.database, [nonce]);
  }

  async forgetNonces(keyId: string, now: Date): Promise<void> {
    await this.database.execute('DELETE FROM api_key_nonces WHERE key_id = ? AND expires_at < ?', [
      keyId,
      instantText(now),
    ]);
  }

  private select(where: string, values: readonly SqlValue[]): Promise<ApiKey[]> {
    return this.keys.select(this.database, where, values);
  }
}
