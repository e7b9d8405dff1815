import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { invalidField } from '../../../kernel/http/problem.js';

/** The longest credential id, 1023 bytes (WebAuthn, 6.1), as base64url. */
const MAX_ID = 1_364;
/** Far longer than any key or signature, post-quantum ones included. */
const MAX_BYTES = 16_384;
const MAX_TRANSPORTS = 10;

/**
 * Reads the result of `PublicKeyCredential.toJSON()` of a browser or phone. It reads only the members that are used and
 * ignores others, because browsers keep adding members.
 * @throws Problem `validation` that names the member
 */
export function readRegistration(response: object): RegistrationResponseJSON {
  const whole = new Members(response, 'response');
  const inner = whole.inner('response');
  return {
    ...credentialOf(whole),
    response: {
      clientDataJSON: inner.bytes('clientDataJSON', MAX_BYTES),
      attestationObject: inner.bytes('attestationObject', MAX_BYTES),
      transports: inner.words('transports'),
    },
  };
}

/** @throws Problem `validation` that names the member */
export function readAssertion(response: object): AuthenticationResponseJSON {
  const whole = new Members(response, 'response');
  const inner = whole.inner('response');
  return {
    ...credentialOf(whole),
    response: {
      clientDataJSON: inner.bytes('clientDataJSON', MAX_BYTES),
      authenticatorData: inner.bytes('authenticatorData', MAX_BYTES),
      signature: inner.bytes('signature', MAX_BYTES),
      userHandle: inner.bytes('userHandle', 128),
    },
  };
}

const credentialOf = (whole: Members) => ({
  id: whole.bytes('id', MAX_ID),
  rawId: whole.bytes('rawId', MAX_ID),
  type: whole.is('type', 'public-key'),
  clientExtensionResults: {},
});

class Members {
  private readonly source: Readonly<Record<string, unknown>>;

  constructor(
    source: object,
    private readonly path: string,
  ) {
    this.source = source as Readonly<Record<string, unknown>>;
  }

  inner(name: string): Members {
    const value = this.source[name];
    if (typeof value !== 'object' || value === null) throw this.wrong(name, 'an object');
    return new Members(value, `${this.path}.${name}`);
  }

  /** Base64url without padding. */
  bytes(name: string, max: number): string {
    const value = this.source[name];
    if (typeof value !== 'string' || value.length > max || !/^[\w-]+$/.test(value))
      throw this.wrong(name, `base64url of at most ${max} characters`);
    return value;
  }

  is<Value extends string>(name: string, expected: Value): Value {
    if (this.source[name] !== expected) throw this.wrong(name, expected);
    return expected;
  }

  /** Reads a hint; a missing or malformed one counts as none. */
  words(name: string): string[] {
    const value = this.source[name];
    return Array.isArray(value)
      ? value
          .filter((word): word is string => typeof word === 'string' && /^[a-z-]{1,32}$/.test(word))
          .slice(0, MAX_TRANSPORTS)
      : [];
  }

  private wrong(name: string, says: string): Error {
    const field = `${this.path}.${name}`;
    return invalidField(
      field,
      this.source[name] === undefined ? 'required' : 'invalid',
      `${field} must be ${says}`,
    );
  }
}
