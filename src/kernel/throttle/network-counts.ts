import { networkLimits } from './client-address.js';

/**
 * How many connections are open from each network: from an IPv4 address, or from the /64, /56 and /48 of an IPv6 address. It
 * keeps only networks with a connection.
 */
export class NetworkCounts {
  private readonly counts = new Map<string, number>();

  /**
   * @param most of one IPv4 address or IPv6 /64. Larger networks have more room.
   * @param ceiling the most of a larger network, so that some room is always left for the others.
   */
  constructor(
    private readonly most: number,
    private readonly ceiling: number,
  ) {}

  /** @param bucket as `addressBucket` returns it. */
  hasRoomFor(bucket: string): boolean {
    return this.networksOf(bucket).every(
      ({ name, limit: { most } }) =>
        (this.counts.get(name) ?? 0) < Math.min(most, Math.max(this.most, this.ceiling)),
    );
  }

  /** Counts a connection. @returns a function that takes it back, once. */
  add(bucket: string): () => void {
    const names = this.networksOf(bucket).map(({ name }) => name);
    for (const name of names) this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    let isOpen = true;
    return () => {
      if (isOpen) for (const name of names) this.remove(name);
      isOpen = false;
    };
  }

  /** How many networks have a connection. */
  get size(): number {
    return this.counts.size;
  }

  private remove(name: string): void {
    const left = (this.counts.get(name) ?? 1) - 1;
    if (left > 0) this.counts.set(name, left);
    else this.counts.delete(name);
  }

  private networksOf(bucket: string) {
    return networkLimits(bucket, { most: this.most, windowMs: 0 });
  }
}
