import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/config.js';
import { BrokenSealError, SecretBox } from '../../src/platform/secrets/secret-box.js';
import { SecretKeys } from '../../src/platform/secrets/secret-keys.js';

const boxWith = (secret: string, accepted = '') =>
  new SecretBox(
    new SecretKeys(loadConfig({ NODE_ENV: 'test', JWT_SECRET: secret, JWT_ACCEPTED_SECRETS: accepted })),
  );
const OLD = 'only-for-tests-Zk3vQ9xW2mB7rT4yU8iP1sL6';
const NEW = 'another-secret-Qp8wN3eR6tY1uI4oP7aS0dF';
const box = boxWith(OLD);
const TEXT = 'token Grüße 🜚';

describe('SecretBox', () => {
  it('opens a text that it sealed, also after a restart', () => {
    const sealed = box.seal('outbox', TEXT, 'row 1');
    expect(sealed).toMatch(/^v1\.[\w-]+$/);
    expect(boxWith(OLD).open('outbox', sealed, 'row 1')).toBe(TEXT);
    expect(box.open('outbox', box.seal('outbox', '', ''), '')).toBe('');
  });

  it('reveals nothing of the text, and gives another result each time', () => {
    const all = Array.from({ length: 100 }, () => box.seal('outbox', TEXT, 'row 1'));
    expect(new Set(all).size).toBe(100);
    for (const sealed of all) {
      const bytes = Buffer.from(sealed.slice(3), 'base64url');
      expect(bytes.includes('token')).toBe(false);
      // The text with a nonce of 96 bits and a tag of 128 bits.
      expect(bytes).toHaveLength(12 + Buffer.byteLength(TEXT) + 16);
    }
  });

  it('refuses another context, another purpose and another secret', () => {
    const sealed = box.seal('outbox', TEXT, 'row 1');
    expect(() => box.open('outbox', sealed, 'row 2')).toThrow(BrokenSealError);
    expect(() => box.open('factor', sealed, 'row 1')).toThrow(BrokenSealError);
    const other = boxWith(NEW);
    expect(() => other.open('outbox', sealed, 'row 1')).toThrow(BrokenSealError);
  });

  it('detects every changed bit', () => {
    const bytes = Buffer.from(box.seal('outbox', TEXT, 'row 1').slice(3), 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const altered = Buffer.from(bytes);
      altered[bit >> 3]! ^= 1 << (bit & 7);
      const sealed = `v1.${altered.toString('base64url')}`;
      expect(() => box.open('outbox', sealed, 'row 1')).toThrow(BrokenSealError);
    }
  });

  it('refuses a text that is not sealed', () => {
    const sealed = box.seal('outbox', TEXT, 'row 1');
    for (const wrong of [
      '',
      'v1.',
      'v1.AAAA',
      TEXT,
      sealed.slice(3),
      sealed.replace('v1', 'v2'),
      sealed.slice(0, -8),
    ])
      expect(() => box.open('outbox', wrong, 'row 1')).toThrow(BrokenSealError);
  });

  it('opens a text of an accepted secret, and reseals it once', () => {
    const sealed = box.seal('factor', TEXT, 'row 1');
    const next = boxWith(NEW, OLD);
    expect(next.open('factor', sealed, 'row 1')).toBe(TEXT);
    const renewed = next.reseal('factor', sealed, 'row 1')!;
    expect(boxWith(NEW).open('factor', renewed, 'row 1')).toBe(TEXT);
    expect(next.reseal('factor', renewed, 'row 1')).toBeUndefined();
    expect(() => next.reseal('factor', sealed, 'row 2')).toThrow(BrokenSealError);
    expect(() => boxWith(NEW).reseal('factor', sealed, 'row 1')).toThrow(BrokenSealError);
  });
});
