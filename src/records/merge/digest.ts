/**
 * A phone compares it with its own digest to check that both stores are equal. It is the number of live records, and the sum
 * of a hash of each record's id and version, modulo 2^64. A sum can be updated with only the record that changed.
 */
export interface Digest {
  readonly count: number;
  readonly sum: bigint;
  /** The number of the kind's newest change, so that a pull skips kinds without new changes. */
  readonly last: number;
}

export const EMPTY_DIGEST: Digest = { count: 0, sum: 0n, last: 0 };

/** The digest after a record went from one version to another. A version is undefined while the record is not live. */
export const moveDigest = (
  { count, sum, last }: Digest,
  id: string,
  before: number | undefined,
  after: number | undefined,
  seq: number,
): Digest => ({
  last: seq > last ? seq : last,
  count: count - Number(before !== undefined) + Number(after !== undefined),
  sum: BigInt.asUintN(64, sum - hashOf(id, before) + hashOf(id, after)),
});

const hashOf = (id: string, version: number | undefined): bigint =>
  version === undefined ? 0n : fnv1a64(`${id}:${version}`);

/**
 * FNV-1a with 64 bits of an ASCII text (draft-eastlake-fnv). It computes in two halves of 32 bits: the prime is
 * 2^40 + 0x1b3, so every product stays in the range that a double represents exactly.
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

/** The digests by kind. */
export type Digests = Readonly<Record<string, Digest>>;

/** The text that is stored in the owner's sequence row; null when the digests have to be computed again. */
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
          ([kind, [count, sum, last]]) => [kind, { count, sum: BigInt(sum), last: Number(last) }],
        ),
      );

/**
 * A count of missing digests that is not finished. It goes through the records in the order of kind and id, and holds the
 * digests of all live records up to a place. A change of a record up to that place moves these digests; a later record is
 * counted when the count comes to it. So records may change between two steps of the count.
 */
export interface DigestCount {
  readonly kind: string;
  /** The id of the last record of `kind` that is counted; empty before the first. Earlier kinds are counted completely. */
  readonly id: string;
  readonly digests: Digests;
}

/** Whether a count has passed the place of a record. Databases compare names and ids by code point, too. */
export const hasCounted = (count: DigestCount, kind: string, id: string): boolean =>
  kind < count.kind || (kind === count.kind && id <= count.id);

/**
 * The text of a count that is stored in the owner's sequence row.
 * @param seq the owner's newest change: the count contains every change up to it.
 */
export const writeCount = (count: DigestCount | undefined, seq: number): string | null =>
  count === undefined ? null : JSON.stringify([`${seq}`, count.kind, count.id, writeDigests(count.digests)]);

/** Reads a stored count. @returns undefined when it does not contain the change `seq`: then it must begin again. */
export function readCount(text: string | null, seq: number): DigestCount | undefined {
  if (text === null) return undefined;
  const [upTo, kind, id, digests] = JSON.parse(text) as [string, string, string, string];
  // An instance of an earlier version changes records without moving the count.
  return upTo === `${seq}` ? { kind, id, digests: readDigests(digests) ?? {} } : undefined;
}
