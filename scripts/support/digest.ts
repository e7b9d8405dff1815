const MASK = (1n << 64n) - 1n;

/** FNV-1a in 64 bits, by the book. */
function fnv1a64(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & MASK;
  return hash;
}

export interface Digest {
  readonly count: number;
  readonly sum64: string;
}

/** What the service says of a kind, worked out from what a device shows. */
export function digestOf(items: readonly { readonly id: string; readonly version?: number }[]): Digest {
  const sum = items.reduce((total, { id, version }) => (total + fnv1a64(`${id}:${version}`)) & MASK, 0n);
  return { count: items.length, sum64: sum.toString() };
}
