import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Identity } from './identity.entity.js';

@Injectable()
export class IdentitiesRepository {
  constructor(@InjectRepository(Identity) private readonly identities: Repository<Identity>) {}

  find(issuer: string, subject: string): Promise<Identity | null> {
    return this.identities.findOneBy({ issuer, subject });
  }

  findOwn(userId: string, id: string): Promise<Identity | null> {
    return this.identities.findOneBy({ userId, id });
  }

  list(userId: string): Promise<Identity[]> {
    return this.identities.find({ where: { userId }, order: { createdAt: 'ASC', id: 'ASC' } });
  }

  async insert(identity: Identity): Promise<void> {
    await this.identities.insert(identity);
  }

  /** @returns whether it is still there. */
  async touch(id: string, changes: Pick<Identity, 'email' | 'lastUsedAt'>): Promise<boolean> {
    const { affected } = await this.identities.update({ id }, changes);
    return (affected ?? 0) > 0;
  }

  async remove(id: string): Promise<void> {
    await this.identities.delete({ id });
  }
}
