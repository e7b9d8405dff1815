import { createHmac } from 'node:crypto';
import type { Api } from './api.js';
import { SECOND, type TestClock } from './clock.js';

export const STEP = 30 * SECOND;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function fromBase32(text: string): Buffer {
  const bits = [...text].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
}

/** The code that an authenticator app shows at an instant (RFC 6238 and 4226), computed without the service's library. */
export function totpAt(secret: string, time: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(time / STEP)));
  const mac = createHmac('sha1', fromBase32(secret)).update(counter).digest();
  const number = mac.readUInt32BE(mac.at(-1)! & 15) & 0x7fff_ffff;
  return String(number % 1_000_000).padStart(6, '0');
}

/** A person who signs in with a code. */
export class Secured {
  private constructor(
    readonly person: Api,
    readonly secret: string,
    readonly recoveryCodes: readonly string[],
    private readonly clock: TestClock,
  ) {}

  /** Sets up an authenticator app in the person's session. */
  static async of(person: Api, clock: TestClock): Promise<Secured> {
    const { body: enrolment } = await person.post('/api/auth/totp');
    const code = totpAt(enrolment['secret'], clock.now());
    const { status, body } = await person.post('/api/auth/totp/confirm', { code });
    if (status !== 200) throw new Error(`confirm answered ${status}: ${JSON.stringify(body)}`);
    const secured = person.bearer(body['access_token']);
    return new Secured(secured, enrolment['secret'], body['recovery_codes'], clock);
  }

  get email(): string {
    return this.person.account['email'] as string;
  }

  /** A code that was not used before. It moves the clock to the next time step. */
  nextCode(): string {
    this.clock.advance(STEP);
    return this.codeAt(0);
  }

  /** The code that the app shows this many time steps from now. */
  codeAt(steps: number): string {
    return totpAt(this.secret, this.clock.now() + steps * STEP);
  }
}
