import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type Keys, SecretKeys } from './secret-keys.js';

const CIPHER = 'aes-256-gcm';
/** The version of the format. A later version can use another cipher, and texts of this version can still be opened. */
const VERSION = 'v1.';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The text was sealed with another secret, for another purpose or context, or it was changed since. */
export class BrokenSealError extends Error {}

/** Encrypts values that a copy of the database must not reveal. */
@Injectable()
export class SecretBox {
  constructor(private readonly keys: SecretKeys) {}

  /**
   * Encrypts a text.
   * @param purpose each purpose has its own key: a text that was sealed for one cannot be opened for another.
   * @param context where the sealed text is stored, such as the id of its row. It can be opened only with the same context.
   */
  seal(purpose: string, text: string, context: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.keysOf(purpose)[0], nonce).setAAD(Buffer.from(context));
    const sealed = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
    return VERSION + Buffer.concat(sealed).toString('base64url');
  }

  /**
   * Decrypts a text that was sealed for this purpose and context.
   * @throws BrokenSealError when it was not, or when it was sealed with a secret that is not accepted.
   */
  open(purpose: string, sealed: string, context: string): string {
    const bytes = bytesOf(sealed);
    for (const key of this.keysOf(purpose)) {
      const text = openWith(key, bytes, context);
      if (text !== undefined) return text;
    }
    throw new BrokenSealError('The text was changed, moved, or sealed with another secret');
  }

  /**
   * Encrypts a sealed text again with the current secret.
   * @returns undefined when it already is encrypted with the current secret.
   * @throws BrokenSealError as {@link open}
   */
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
    throw new BrokenSealError('The text is not in the format of this version');
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
