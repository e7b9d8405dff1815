import type { Runtime } from './runtime.js';

/** A UUIDv7 (RFC 9562): ids made later sort later, which databases like. */
export function uuidv7({ now, bytes }: Pick<Runtime, 'now' | 'bytes'>): string {
  const id = bytes(16);
  const view = new DataView(id.buffer, id.byteOffset);
  const time = now();
  view.setUint32(0, Math.floor(time / 0x1_0000));
  view.setUint16(4, time % 0x1_0000);
  view.setUint8(6, 0x70 | (view.getUint8(6) & 0x0f));
  view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f));
  const hex = Array.from(id, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Ids are compared as text, here and on the server, which writes UUIDs in lower case. */
export const asId = (id: string): string => id.toLowerCase();
