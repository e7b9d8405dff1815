/**
 * What a phone compares with its own store to know that both hold the same: how many live records there are, and the
 * sum of a hash of each one's id and version, modulo 2^64. A sum, so that a change needs only the record that changed.
 */
export interface Digest {
  readonly count: number;
  readonly sum: bigint;
  /** The newest change of the kind, so that nobody looks for changes where there are none. */
  readonly last: bigint;
}

export const EMPTY_DIGEST: Digest = { count: 0, sum: 0n, last: 0n };

/** The digest after one record went from one version to another; undefined where it does not live. */
export const moveDigest = (
  { count, sum, last }: Digest,
  id: string,
  before: number | undefined,
  after: number | undefined,
  seq: bigint,
): Digest => ({
  last: seq > last ? seq : last,
  count: count - Number(before !== undefined) + Number(after !== undefined),
  sum: BigInt.asUintN(64, sum - hashOf(id, before) + hashOf(id, after)),
});

const hashOf = (id: string, version: number | undefined): bigint =>
  version === undefined ? 0n : fnv1a64(`${id}:${version}`);

/**
 * FNV-1a, 64 bits, of ASCII text (draft-eastlake-fnv). In halves of 32 bits: the prime is 2^40 + 0x1b3, so that no
 * product leaves what a double holds exactly.
 */
export function fnv1a64(text: string): bigint {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (let index = 0; index < text.length; index++) {
    low = (low ^ text.charCodeAt(index)) >>> 0;
    const product = low * 0x1b3;
    high = (high * 0x1b3 + Math.floor(product / 0x1_0000_0000) + ((low << 8) >>> 0)) % 0x1_0000_0000;
    low = product % 0x1_0000_0000;
  }
  return (BigInt(high) << 32n) | BigInt(low);
}

/** By kind. */
export type Digests = Readonly<Record<string, Digest>>;

/** The text kept beside the person's sequence; null where it has to be counted anew. */
export const writeDigests = (digests: Digests | undefined): string | null =>
  digests === undefined
    ? null
    : JSON.stringify(
        Object.fromEntries(
          Object.entries(digests).map(([kind, { count, sum, last }]) => [kind, [count, `${sum}`, `${last}`]]),
        ),
      );

export const readDigests = (text: string | null): Digests | undefined =>
  text === null
    ? undefined
    : Object.fromEntries(
        Object.entries(JSON.parse(text) as Record<string, [number, string, string]>).map(
          ([kind, [count, sum, last]]) => [kind, { count, sum: BigInt(sum), last: BigInt(last) }],
        ),
      );
