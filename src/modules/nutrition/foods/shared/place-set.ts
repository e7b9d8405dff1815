/*
 * Sets of places in one chunk. In memory a set is a bitmap; stored it is Base64 of the bitmap, or of the places with two bytes each
 * where that is shorter.
 */

/** Places in one chunk. Two chunks never share a row, so an import writes only the rows of the last chunk. */
export const CHUNK = 16_384;
const WORDS = CHUNK / 32;
const BITMAP_BYTES = CHUNK / 8;

/** Places in a chunk, by their numbers in the chunk. */
export class PlaceSet {
  private readonly bits = new Uint32Array(WORDS);

  static of(stored: string): PlaceSet {
    const set = new PlaceSet();
    set.include(stored);
    return set;
  }

  add(place: number): void {
    this.bits[place >>> 5] = this.word(place >>> 5) | (1 << (place & 31));
  }

  delete(place: number): void {
    this.bits[place >>> 5] = this.word(place >>> 5) & ~(1 << (place & 31));
  }

  /** Adds the places of a stored set. */
  include(stored: string): void {
    const bytes = Buffer.from(stored, 'base64');
    if (bytes.length < BITMAP_BYTES)
      for (let at = 0; at < bytes.length; at += 2) this.add(bytes.readUInt16LE(at));
    else for (let at = 0; at < WORDS; at++) this.bits[at] = this.word(at) | bytes.readUInt32LE(at * 4);
  }

  /** Keeps only the places that the other set has, too. */
  intersect(other: PlaceSet): void {
    for (let at = 0; at < WORDS; at++) this.bits[at] = this.word(at) & other.word(at);
  }

  get isEmpty(): boolean {
    return this.bits.every((word) => word === 0);
  }

  /** In ascending order. */
  get places(): number[] {
    const places: number[] = [];
    for (let at = 0; at < WORDS; at++)
      for (let word = this.word(at); word !== 0; word &= word - 1)
        places.push(at * 32 + 31 - Math.clz32(word & -word));
    return places;
  }

  /** Undefined for an empty set, which has no row. */
  get stored(): string | undefined {
    const { places } = this;
    if (places.length === 0) return undefined;
    if (places.length * 2 < BITMAP_BYTES) {
      const bytes = Buffer.alloc(places.length * 2);
      places.forEach((place, at) => bytes.writeUInt16LE(place, at * 2));
      return bytes.toString('base64');
    }
    const bytes = Buffer.alloc(BITMAP_BYTES);
    this.bits.forEach((word, at) => bytes.writeUInt32LE(word, at * 4));
    return bytes.toString('base64');
  }

  private word(at: number): number {
    return this.bits[at] ?? 0;
  }
}
