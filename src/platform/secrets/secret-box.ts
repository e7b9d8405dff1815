import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type Keys, SecretKeys } from './secret-keys.js';

const CIPHER = 'aes-256-gcm';
/** Names the cipher and the key: what is sealed tomorrow may be sealed otherwise, and today's still be opened. */
const VERSION = 'v1.';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What was sealed elsewhere, for another purpose or place, or was altered since. */
export class BrokenSealError extends Error {}

/** Keeps in the database what a copy of the database must not give away. */
@Injectable()
export class SecretBox {
  constructor(private readonly keys: SecretKeys) {}

  /**
   * Encrypts a text.
   * @param purpose has a key of its own: what was sealed for one never opens for another.
   * @param context where the sealed text is kept, such as the id of its row; it opens nowhere else.
   */
  seal(purpose: string, text: string, context: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.keysOf(purpose)[0], nonce).setAAD(Buffer.from(context));
    const sealed = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
    return VERSION + Buffer.concat(sealed).toString('base64url');
  }

  /**
   * The text that was sealed for this purpose in this context.
   * @throws BrokenSealError when it was not, or not with a secret that is believed.
   */
  open(purpose: string, sealed: string, context: string): string {
    const bytes = bytesOf(sealed);
    for (const key of this.keysOf(purpose)) {
      const text = openWith(key, bytes, context);
      if (text !== undefined) return text;
    }
    throw new BrokenSealError('This was altered, moved, or sealed with another secret');
  }

  /** The same text under the secret of today; undefined when it is there already. @throws BrokenSealError as {@link open} */
  reseal(purpose: string, sealed: string, context: string): string | undefined {
    const [current] = this.keysOf(purpose);
    if (openWith(current, bytesOf(sealed), context) !== undefined) return undefined;
    return this.seal(purpose, this.open(purpose, sealed, context), context);
  }

  private keysOf(purpose: string): Keys {
    return this.keys.for(`sealed ${purpose}`);
  }
}

/** @throws BrokenSealError */
function bytesOf(sealed: string): Buffer {
  const bytes = Buffer.from(sealed.slice(VERSION.length), 'base64url');
  if (!sealed.startsWith(VERSION) || bytes.length < NONCE_BYTES + TAG_BYTES)
    throw new BrokenSealError('This was not sealed here');
  return bytes;
}

function openWith(key: KeyObject, bytes: Buffer, context: string): string | undefined {
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(context))
    .setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
