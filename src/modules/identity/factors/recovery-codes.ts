import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Clock } from '../../../platform/clock.js';
import { RecoveryCode } from './recovery-code.entity.js';
import { digest } from '../../../platform/random-token.js';

const COUNT = 10;
/** 80 bits cannot be guessed, even with a copy of the table. */
const CODE_BYTES = 10;

/** Codes for people who lost the authenticator app; each works once. */
@Injectable()
export class RecoveryCodes {
  constructor(
    @InjectRepository(RecoveryCode) private readonly codes: Repository<RecoveryCode>,
    private readonly clock: Clock,
  ) {}

  /** Creates new codes and deletes the old ones. Joins the caller's unit of work. @returns the codes, which are not stored. */
  async renew(userId: string): Promise<string[]> {
    const codes = Array.from({ length: COUNT }, () => randomBytes(CODE_BYTES).toString('hex'));
    const createdAt = this.clock.date();
    await this.removeAll(userId);
    await this.codes.insert(codes.map((code) => ({ codeHash: hashOf(userId, code), userId, createdAt })));
    return codes.map(inGroups);
  }

  /** Redeems a code in any spelling; the deletion decides between concurrent attempts. Joins the caller's unit of work. */
  async accepts(userId: string, code: string): Promise<boolean> {
    const plain = code.toLowerCase().replaceAll(/[^0-9a-z]/g, '');
    const { affected } = await this.codes.delete({ codeHash: hashOf(userId, plain), userId });
    return affected === 1;
  }

  countOf(userId: string): Promise<number> {
    return this.codes.countBy({ userId });
  }

  async removeAll(userId: string): Promise<void> {
    await this.codes.delete({ userId });
  }
}

/** Hexadecimal in groups of four: no two of its characters look alike. */
const inGroups = (code: string): string => (code.match(/.{4}/g) ?? []).join('-');

const hashOf = (userId: string, code: string): string => digest(`${userId}:${code}`);
