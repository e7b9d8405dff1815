import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { Global, Injectable, Module } from '@nestjs/common';
import { Config } from '../config/config.js';

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
  private readonly keys = new Map<string, KeyObject>();

  constructor(private readonly config: Config) {}

  /**
   * Encrypts a text.
   * @param purpose has a key of its own: what was sealed for one never opens for another.
   * @param context where the sealed text is kept, such as the id of its row; it opens nowhere else.
   */
  seal(purpose: string, text: string, context: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.keyFor(purpose), nonce).setAAD(Buffer.from(context));
    const sealed = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
    return VERSION + Buffer.concat(sealed).toString('base64url');
  }

  /**
   * The text that was sealed for this purpose in this context.
   * @throws BrokenSealError when it was not, or not with this secret.
   */
  open(purpose: string, sealed: string, context: string): string {
    const bytes = Buffer.from(sealed.slice(VERSION.length), 'base64url');
    if (!sealed.startsWith(VERSION) || bytes.length < NONCE_BYTES + TAG_BYTES)
      throw new BrokenSealError('This was not sealed here');
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv(CIPHER, this.keyFor(purpose), nonce, { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(context))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
      return Buffer.concat([text, decipher.final()]).toString('utf8');
    } catch (error) {
      throw new BrokenSealError('This was altered, moved, or sealed with another secret', { cause: error });
    }
  }

  private keyFor(purpose: string): KeyObject {
    const key =
      this.keys.get(purpose) ??
      createSecretKey(
        Buffer.from(hkdfSync('sha256', this.config.jwtSecret, '', `hale sealed ${purpose}`, 32)),
      );
    this.keys.set(purpose, key);
    return key;
  }
}

@Global()
@Module({ providers: [SecretBox], exports: [SecretBox] })
export class SecretBoxModule {}
