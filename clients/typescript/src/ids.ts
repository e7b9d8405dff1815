import { HaleError } from './problem.js';
import type { Runtime } from './runtime.js';

/** A UUIDv7 (RFC 9562): later ids sort later, which makes database indexes faster. */
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

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/** @throws HaleError `invalid` if the server would refuse the id. */
export function validId(given: string): string {
  const id = asId(given);
  if (UUID.test(id)) return id;
  const message = 'id must be a UUID';
  throw new HaleError('invalid', message, [{ field: 'id', code: 'invalid', message }]);
}

/** Ids are compared as text, here and on the server, which returns UUIDs in lower case. */
export const asId = (id: string): string => id.toLowerCase();

/** 128 random bits that nobody else can guess, in hexadecimal. */
export const secretOf = ({ bytes }: Pick<Runtime, 'bytes'>): string =>
  Array.from(bytes(16), (byte) => byte.toString(16).padStart(2, '0')).join('');
