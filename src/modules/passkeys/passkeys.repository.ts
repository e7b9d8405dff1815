import { Injectable } from '@nestjs/common';
import type { Repository } from 'typeorm';
import { Database } from '../../platform/database/database.js';
import { Passkey } from './passkey.entity.js';
import { digest } from '../../platform/random-token.js';

@Injectable()
export class PasskeysRepository {
  constructor(private readonly database: Database) {}

  /** The oldest first. */
  list(userId: string): Promise<Passkey[]> {
    return this.passkeys.find({ where: { userId }, order: { createdAt: 'ASC', id: 'ASC' } });
  }

  countOf(userId: string): Promise<number> {
    return this.passkeys.countBy({ userId });
  }

  find(userId: string, id: string): Promise<Passkey | null> {
    return this.passkeys.findOneBy({ userId, id });
  }

  /** Whoever it belongs to: a sign-in does not know that yet. */
  findByCredential(credentialId: string): Promise<Passkey | null> {
    return this.passkeys.findOneBy({ credentialHash: credentialHash(credentialId) });
  }

  async insert(passkey: Passkey): Promise<void> {
    await this.passkeys.insert(passkey);
  }

  /** @returns whether the person has it. */
  async update(userId: string, id: string, changes: Partial<Passkey>): Promise<boolean> {
    const { affected } = await this.passkeys.update({ userId, id }, changes);
    return (affected ?? 0) > 0;
  }

  async remove(userId: string, id: string): Promise<void> {
    await this.passkeys.delete({ userId, id });
  }

  private get passkeys(): Repository<Passkey> {
    return this.database.manager.getRepository(Passkey);
  }
}

export const credentialHash = (credentialId: string): string => digest(credentialId);
