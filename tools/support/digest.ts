const MASK = (1n << 64n) - 1n;

/** FNV-1a with 64 bits, in the simplest form. */
function fnv1a64(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & MASK;
  return hash;
}

export interface Digest {
  readonly count: number;
  readonly sum64: string;
}

/** The digest of a kind, computed from the records that a device shows. */
export function digestOf(items: readonly { readonly id: string; readonly version?: number }[]): Digest {
  const sum = items.reduce((total, { id, version }) => (total + fnv1a64(`${id}:${version}`)) & MASK, 0n);
  return { count: items.length, sum64: sum.toString() };
}
