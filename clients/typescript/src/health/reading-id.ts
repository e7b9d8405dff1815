import { uuidOf } from '../ids.js';

/** The namespace `8a0b2f4e-3d57-5c1e-9b26-0f6a7d41c95e`, which is part of the API. */
const NAMESPACE = [
  0x8a, 0x0b, 0x2f, 0x4e, 0x3d, 0x57, 0x5c, 0x1e, 0x9b, 0x26, 0x0f, 0x6a, 0x7d, 0x41, 0xc9, 0x5e,
];

const encoder = new TextEncoder();

/**
 * The id of a reading that a source knows by an id of its own, a UUIDv5: with any other, the service refuses the reading. So a reading
 * that several devices upload is stored once.
 * @param metric the kind of reading, such as `heart_rate`; `sleep` for a session of sleep.
 * @param externalId the `external_id` of the record.
 */
export function readingId(metric: string, source: string, externalId: string): string {
  const name = encoder.encode(`${metric}/${source}/${externalId}`);
  const bytes = sha1(Uint8Array.of(...NAMESPACE, ...name)).slice(0, 16);
  const view = new DataView(bytes.buffer);
  view.setUint8(6, 0x50 | (view.getUint8(6) & 0x0f));
  view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f));
  return uuidOf(bytes);
}

/** SHA-1 (RFC 3174). That of the platform answers later, is missing on pages without TLS, and in React Native. */
function sha1(message: Uint8Array): Uint8Array {
  const padded = new DataView(new ArrayBuffer(Math.ceil((message.length + 9) / 64) * 64));
  new Uint8Array(padded.buffer).set(message);
  padded.setUint8(message.length, 0x80);
  padded.setUint32(padded.byteLength - 4, message.length * 8);
  let state: State = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  for (let at = 0; at < padded.byteLength; at += 64) state = mixed(state, wordsOf(padded, at));
  const digest = new DataView(new ArrayBuffer(20));
  state.forEach((word, index) => digest.setUint32(index * 4, word));
  return new Uint8Array(digest.buffer);
}

type State = readonly [number, number, number, number, number];

const turned = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

/** The 80 words that a block becomes. */
function wordsOf(padded: DataView, at: number): number[] {
  const words: number[] = [];
  const back = (distance: number): number => words[words.length - distance] ?? 0;
  for (let index = 0; index < 16; index += 1) words.push(padded.getInt32(at + index * 4));
  while (words.length < 80) words.push(turned(back(3) ^ back(8) ^ back(14) ^ back(16), 1));
  return words;
}

function mixed(state: State, words: readonly number[]): State {
  let [a, b, c, d, e] = state;
  for (const [round, word] of words.entries()) {
    const [mix, constant] = stepOf(round, b, c, d);
    [a, b, c, d, e] = [(turned(a, 5) + mix + e + constant + word) | 0, a, turned(b, 30), c, d];
  }
  const [v, w, x, y, z] = state;
  return [a + v, b + w, c + x, d + y, e + z];
}

function stepOf(round: number, b: number, c: number, d: number): readonly [number, number] {
  if (round < 20) return [(b & c) | (~b & d), 0x5a827999];
  if (round < 40) return [b ^ c ^ d, 0x6ed9eba1];
  return round < 60 ? [(b & c) | (b & d) | (c & d), 0x8f1bbcdc] : [b ^ c ^ d, 0xca62c1d6];
}
