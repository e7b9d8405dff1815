import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Passkey } from './passkey.entity.js';
import { digest } from '../../../platform/random-token.js';

@Injectable()
export class PasskeysRepository {
  constructor(@InjectRepository(Passkey) private readonly passkeys: Repository<Passkey>) {}

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

  /** Searches all accounts, because a sign-in does not know the account yet. */
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
}

export const credentialHash = (credentialId: string): string => digest(credentialId);
