import { Injectable } from '@nestjs/common';
import { DAY_MS } from '../../../../kernel/quantities/local-time.js';
import { Clock } from '../../../../platform/clock.js';
import { sharedFoodId, OPEN_FOOD_FACTS } from '../shared/food-sources.js';
import type { SharedFood } from '../shared/shared-food.entity.js';
import { SharedFoodsRepository } from '../shared/shared-foods.repository.js';
import { BarcodeLookupsRepository } from './barcode-lookups.repository.js';
import { OffClient, OffUnreadable } from './off-client.js';
import { foodOf } from './off-product.js';

const SECOND_MS = 1_000;
/** Longer than a request may take: an instance that was killed does not hold a barcode for ever. */
const CLAIM_MS = 10 * SECOND_MS;
/** A product that Open Food Facts does not have may be added there. */
const UNKNOWN_MS = DAY_MS;
/** After a failure nobody waits for a server that is down. */
const PAUSE_MS = 30 * SECOND_MS;
/** Labels change. */
const FRESH_MS = 90 * DAY_MS;
const MAX_AT_ONCE = 8;

/** The outcome of a look-up; `unavailable` when Open Food Facts could not be asked, `not_asked` where it may not be. */
export type LookUp = SharedFood | 'not_asked' | 'unknown' | 'unavailable';

/** Finds products that are not stored yet, and stores them as shared foods. */
@Injectable()
export class OpenFoodFactsService {
  private readonly running = new Map<string, Promise<LookUp>>();
  private pausedUntil = 0;

  constructor(
    private readonly client: OffClient,
    private readonly lookups: BarcodeLookupsRepository,
    private readonly foods: SharedFoodsRepository,
    private readonly clock: Clock,
  ) {}

  /** Whether a stored food is from here and old enough to be looked up again. */
  isStale({ source, importedAt }: SharedFood): boolean {
    return (
      this.client.isOn && source === OPEN_FOOD_FACTS && importedAt.getTime() + FRESH_MS < this.clock.now()
    );
  }

  /** At most one request for a barcode runs at once, of all instances. */
  find(barcode: string): Promise<LookUp> {
    if (!this.client.isOn) return Promise.resolve('not_asked');
    const running = this.running.get(barcode);
    if (running) return running;
    if (this.clock.now() < this.pausedUntil || this.running.size >= MAX_AT_ONCE)
      return Promise.resolve('unavailable');
    const started = this.lookUp(barcode).finally(() => this.running.delete(barcode));
    this.running.set(barcode, started);
    return started;
  }

  private async lookUp(barcode: string): Promise<LookUp> {
    const now = this.clock.now();
    const claimed = new Date(now + CLAIM_MS);
    const held = await this.lookups.claim(barcode, new Date(now), claimed);
    // A claim ends within its time, and what is known to be unknown stays so for longer.
    if (held) return held > claimed ? 'unknown' : 'unavailable';
    const product = await this.client.product(barcode).catch((error: Error) => error);
    if (product instanceof Error) return this.failed(barcode, product);
    const food = product && foodOf(barcode, product);
    if (!food) {
      await this.lookups.postpone(barcode, new Date(this.clock.now() + UNKNOWN_MS));
      return 'unknown';
    }
    await this.foods.store([food]);
    await this.lookups.release(barcode);
    return (await this.foods.find(sharedFoodId(OPEN_FOOD_FACTS, barcode))) ?? 'unknown';
  }

  private async failed(barcode: string, error: Error): Promise<LookUp> {
    // The claim stays: the same barcode would fail again, and others are asked for meanwhile.
    if (error instanceof OffUnreadable) return 'unavailable';
    this.pausedUntil = this.clock.now() + PAUSE_MS;
    await this.lookups.release(barcode);
    return 'unavailable';
  }
}
