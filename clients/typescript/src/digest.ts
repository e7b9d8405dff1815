/*
 * FNV-1a with 64 bits, in four limbs of 16 bits: a BigInt product per byte is thirty times slower, and a phone computes this
 * for every record.
 */

const MASK = 0xffff;
/** The prime is 2^40 + 0x1b3: the product is the number × 0x1b3, plus the number shifted by 40 bits. */
const PRIME = 0x1b3;

const encoder = new TextEncoder();

/** The unsigned hash of a text's UTF-8. */
export function fnv1a64(text: string): bigint {
  let [a, b, c, d] = [0x2325, 0x8422, 0x9ce4, 0xcbf2];
  for (const byte of encoder.encode(text)) {
    a ^= byte;
    const low = a * PRIME;
    const second = b * PRIME + (low >>> 16);
    const third = c * PRIME + ((a << 8) & MASK) + (second >>> 16);
    const fourth = d * PRIME + (((b << 8) | (a >>> 8)) & MASK) + (third >>> 16);
    [a, b, c, d] = [low & MASK, second & MASK, third & MASK, fourth & MASK];
  }
  return (BigInt(d * 0x1_0000 + c) << 32n) | BigInt(b * 0x1_0000 + a);
}

export interface Digest {
  readonly count: number;
  readonly sum64: string;
}

/** The digest that the server returns for a kind, computed over the local live records. */
export function digestOf(records: Iterable<{ readonly id: string; readonly version: number }>): Digest {
  let count = 0;
  let sum = 0n;
  for (const { id, version } of records) {
    count += 1;
    sum += fnv1a64(`${id}:${version}`);
  }
  return { count, sum64: BigInt.asUintN(64, sum).toString() };
}
