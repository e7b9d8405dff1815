import { Injectable } from '@nestjs/common';
import type { Repository } from 'typeorm';
import { Database } from '../../platform/database/database.js';
import { User } from './user.entity.js';

@Injectable()
export class UsersRepository {
  constructor(private readonly database: Database) {}

  find(id: string): Promise<User | null> {
    return this.users.findOneBy({ id });
  }

  /** @param email normalised */
  findByEmail(email: string): Promise<User | null> {
    return this.users.findOneBy({ email });
  }

  async insert(user: User): Promise<void> {
    await this.users.insert(user);
  }

  async update(id: string, changes: Partial<User>): Promise<void> {
    await this.users.update({ id }, changes);
  }

  /** @returns whether the account still has the address. */
  async verifyEmail(id: string, email: string, at: Date): Promise<boolean> {
    const { affected } = await this.users.update({ id, email }, { emailVerifiedAt: at });
    return (affected ?? 0) > 0;
  }

  /** Ids of the admins who can sign in, locked until COMMIT. */
  async lockAdmins(): Promise<string[]> {
    const rows = await this.database.rows<{ id: string }>(
      `SELECT id FROM users WHERE role = 'admin' AND disabled_at IS NULL${this.database.forUpdate}`,
    );
    return rows.map(({ id }) => id);
  }

  async remove(id: string): Promise<void> {
    await this.users.delete({ id });
  }

  private get users(): Repository<User> {
    return this.database.manager.getRepository(User);
  }
}
