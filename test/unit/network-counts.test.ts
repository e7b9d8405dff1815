import { describe, expect, it } from 'vitest';
import { addressBucket } from '../../src/kernel/throttle/client-address.js';
import { NetworkCounts } from '../../src/kernel/throttle/network-counts.js';

describe('counts of connections by network', () => {
  /** Opens connections until one is refused. */
  const fill = (counts: NetworkCounts, addressOf: (index: number) => string): (() => void)[] => {
    const open: (() => void)[] = [];
    for (let index = 0; ; index++) {
      const bucket = addressBucket(addressOf(index));
      if (!counts.hasRoomFor(bucket)) return open;
      open.push(counts.add(bucket));
    }
  };

  it('limit an IPv4 address and leave another one its room', () => {
    const counts = new NetworkCounts(3, 100);
    expect(fill(counts, () => '203.0.113.7')).toHaveLength(3);
    expect(counts.hasRoomFor(addressBucket('203.0.113.8'))).toBe(true);
    expect(counts.hasRoomFor(addressBucket('::ffff:203.0.113.7'))).toBe(false);
  });

  it.each([
    ['/64', 3, (index: number) => `2001:db8::${(index + 1).toString(16)}`],
    ['/56', 12, (index: number) => `2001:db8:0:${(index % 256).toString(16)}::1`],
    ['/48', 48, (index: number) => `2001:db8:0:${index.toString(16)}00::1`],
  ])('limit an IPv6 %s', (_, most, addressOf) => {
    const counts = new NetworkCounts(3, 100);
    expect(fill(counts, addressOf)).toHaveLength(most);
    expect(counts.hasRoomFor(addressBucket('2001:db8:1::1'))).toBe(true);
  });

  it('leave a part to the others, however large the network is', () => {
    const counts = new NetworkCounts(3, 20);
    expect(fill(counts, (index) => `2001:db8:0:${index.toString(16)}00::1`)).toHaveLength(20);
  });

  it('forget a network without connections, and take back no connection twice', () => {
    const counts = new NetworkCounts(3, 100);
    const open = fill(counts, () => '2001:db8::1');
    for (const close of [...open, ...open]) close();
    expect(counts.size).toBe(0);
    expect(fill(counts, () => '2001:db8::1')).toHaveLength(3);
  });
});
