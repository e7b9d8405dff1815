import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThanOrEqual, type Repository } from 'typeorm';
import { isDuplicate } from '../../../../platform/database/errors.js';
import { UnitOfWork } from '../../../../platform/database/unit-of-work.js';
import { BarcodeLookup } from './barcode-lookup.entity.js';

/** Which barcodes Open Food Facts must not be asked for now, by all instances of the service. */
@Injectable()
export class BarcodeLookupsRepository {
  constructor(
    @InjectRepository(BarcodeLookup) private readonly lookups: Repository<BarcodeLookup>,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * Claims a barcode until an instant.
   * @returns until when somebody else claims it, or it is known to be unknown; undefined when it is claimed now
   */
  async claim(barcode: string, now: Date, until: Date): Promise<Date | undefined> {
    const known = await this.lookups.findOneBy({ barcode });
    if (known && known.nextAt > now) return known.nextAt;
    try {
      return await this.unitOfWork.run(async () => {
        await this.lookups.delete({ nextAt: LessThanOrEqual(now) });
        await this.lookups.insert({ barcode, nextAt: until });
        return undefined;
      });
    } catch (error) {
      // Another instance was faster.
      if (isDuplicate(error)) return until;
      throw error;
    }
  }

  /** Keeps that nobody should ask before an instant. */
  async postpone(barcode: string, until: Date): Promise<void> {
    await this.unitOfWork.run(() => this.lookups.update({ barcode }, { nextAt: until }));
  }

  async release(barcode: string): Promise<void> {
    await this.unitOfWork.run(() => this.lookups.delete({ barcode }));
  }
}
