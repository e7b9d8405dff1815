import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import { Pseudonyms } from '../../../kernel/audit/pseudonyms.js';
import { User } from './user.entity.js';

/** The pseudonyms of the audit log. They are stored with the accounts and deleted with them. */
@Injectable()
export class PseudonymsRepository extends Pseudonyms {
  constructor(@InjectRepository(User) private readonly users: Repository<User>) {
    super();
  }

  async of(id: string): Promise<string | null> {
    const user = await this.users.findOne({ select: { pseudonym: true }, where: { id } });
    return user?.pseudonym ?? null;
  }

  async peopleOf(pseudonyms: readonly string[]): Promise<Map<string, string>> {
    if (pseudonyms.length === 0) return new Map();
    const users = await this.users.find({
      select: { id: true, pseudonym: true },
      where: { pseudonym: In(pseudonyms) },
    });
    return new Map(users.map(({ id, pseudonym }) => [pseudonym, id]));
  }
}
