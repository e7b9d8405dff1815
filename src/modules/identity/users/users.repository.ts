import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, Not, Repository } from 'typeorm';
import { Database } from '../../../platform/database/database.js';
import { User } from './user.entity.js';

@Injectable()
export class UsersRepository {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    private readonly database: Database,
  ) {}

  find(id: string): Promise<User | null> {
    return this.users.findOneBy({ id });
  }

  /** @param email normalised */
  findByEmail(email: string): Promise<User | null> {
    return this.users.findOneBy({ email });
  }

  /** Whether the owner proved that mail to the address reaches them. */
  isVerified(id: string): Promise<boolean> {
    return this.users.existsBy({ id, emailVerifiedAt: Not(IsNull()) });
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
    const admins = await this.users.find({
      select: { id: true },
      where: { role: 'admin', disabledAt: IsNull() },
      ...this.database.locked,
    });
    return admins.map(({ id }) => id);
  }

  async remove(id: string): Promise<void> {
    await this.users.delete({ id });
  }
}
