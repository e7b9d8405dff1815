import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressBucket } from '../../src/kernel/throttle/client-address.js';

describe('76: the bucket of an address', () => {
  it('76: is the address itself for IPv4', () => {
    for (const address of ['127.0.0.1', '203.0.113.7', '0.0.0.0', '255.255.255.255'])
      expect(addressBucket(address)).toBe(address);
  });

  it('76: is the same for an IPv4 address in IPv6 notation', () => {
    const SAME = [
      '203.0.113.7',
      '::ffff:203.0.113.7',
      '::FFFF:203.0.113.7',
      '::ffff:cb00:7107',
      '::FFFF:CB00:7107',
      '0:0:0:0:0:ffff:203.0.113.7',
      '0000:0000:0000:0000:0000:ffff:cb00:7107',
      '0::ffff:cb00:7107',
    ];
    for (const address of SAME) expect([address, addressBucket(address)]).toEqual([address, '203.0.113.7']);
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(addressBucket(`::ffff:${address}`)).toBe(address);
      }),
    );
  });

  it('76: is shared by all addresses of a /64, in every notation', () => {
    const SAME = [
      '2001:db8:1:2::',
      '2001:db8:1:2::1',
      '2001:DB8:1:2::1',
      '2001:0db8:0001:0002:0000:0000:0000:0001',
      '2001:db8:1:2:ffff:ffff:ffff:ffff',
      '2001:db8:1:2:3:4:203.0.113.7',
      '2001:db8:1:2:0:0:0:1',
      '2001:db8:1:2::1%eth0',
    ];
    for (const address of SAME) expect([address, addressBucket(address)]).toEqual([address, '2001:db8:1:2']);
  });

  it('76: differs for different networks, wherever the zeros are', () => {
    const DIFFERENT = [
      '2001:db8:1:2::1',
      '2001:db8:1:3::1',
      '2001:db8:2:2::1',
      '2001:db8::1',
      '2001:db8:0:1::1',
      '2001:db8:1::1',
      '2001::1',
      '::1',
      '1::',
      '0:1::',
      '0:0:1::',
      '0:0:0:1::',
      'fe80::1',
      'fe80:0:0:1::1',
      '64:ff9b::cb00:7107',
      '203.0.113.7',
    ];
    expect(new Set(DIFFERENT.map(addressBucket)).size).toBe(DIFFERENT.length);
  });

  it('76: depends only on the first 64 bits', () => {
    const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
    const half = fc.tuple(group, group, group, group);
    fc.assert(
      fc.property(half, half, half, (network, one, other) => {
        fc.pre(network.some((part) => part !== '0'));
        const written = [...network, ...one].join(':');
        expect(addressBucket(written)).toBe(addressBucket([...network, ...other].join(':')));
        expect(addressBucket(written)).toBe(addressBucket(written.toUpperCase()));
        expect(addressBucket(written)).toBe(
          addressBucket(new URL(`http://[${written}]`).hostname.slice(1, -1)),
        );
        expect(addressBucket(written)).toBe(network.join(':'));
      }),
    );
  });

  it('75: is the same for an invalid and a missing address', () => {
    const NONE = [
      undefined,
      '',
      ' ',
      'unknown',
      '_hidden',
      'localhost',
      '203.0.113.7:4711',
      '[2001:db8::1]:4711',
      '[2001:db8::1]',
      '203.0.113',
      '203.0.113.256',
      '203.0.113.07',
      '0xcb007107',
      '3405803783',
      '1::2::3',
      '2001:db8:1:2:3:4:5:6:7',
      '2001:db8:::1',
      'g::1',
      '%eth0',
      '203.0.113.7, 203.0.113.8',
      'x'.repeat(10_000),
      '\u0000',
      '１２７.0.0.1',
    ];
    for (const address of NONE)
      expect([address?.slice(0, 30), addressBucket(address)]).toEqual([address?.slice(0, 30), 'unknown']);
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        expect(addressBucket(text).length).toBeLessThanOrEqual(45);
      }),
    );
  });
});
