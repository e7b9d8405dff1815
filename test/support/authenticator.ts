import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import { isoCBOR } from '@simplewebauthn/server/helpers';
import type { Answer, Api } from './api.js';

/** Values that replace the correct ones, so that a test can make a wrong passkey. */
interface RegistrationOverrides {
  readonly origin?: string;
  readonly rpId?: string;
  readonly verified?: boolean;
  readonly challenge?: string;
  /** The attestation format. */
  readonly fmt?: string;
  readonly attStmt?: ReadonlyMap<string, unknown>;
}

interface SignInOverrides extends RegistrationOverrides {
  readonly counter?: number;
  readonly userHandle?: string;
  readonly type?: string;
}

const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest();
const base64url = (data: string | Buffer): string => Buffer.from(data).toString('base64url');

/** A device that makes passkeys and signs with them, as WebAuthn describes. A test can override values to make it wrong. */
export class Authenticator {
  readonly id = randomBytes(16);
  counter = 0;
  userHandle = '';
  private readonly keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  constructor(private readonly origin: string) {}

  /** Answers the options of a registration. */
  create(options: Record<string, any>, overrides: RegistrationOverrides = {}): Record<string, unknown> {
    this.userHandle = options['user'].id as string;
    const attestation = new Map<string, unknown>([
      ['fmt', overrides.fmt ?? 'none'],
      ['attStmt', overrides.attStmt ?? new Map()],
      [
        'authData',
        new Uint8Array(this.authData(overrides.rpId ?? options['rp'].id, overrides, this.credential)),
      ],
    ]);
    return this.credentialWith({
      clientDataJSON: this.clientData(
        'webauthn.create',
        overrides.challenge ?? options['challenge'],
        overrides,
      ),
      attestationObject: base64url(Buffer.from(isoCBOR.encode(attestation as never))),
      transports: ['internal', 'hybrid'],
    });
  }

  /** Answers the options of a sign-in. */
  get(options: Record<string, any>, overrides: SignInOverrides = {}): Record<string, unknown> {
    this.counter = overrides.counter ?? (this.counter === 0 ? 0 : this.counter + 1);
    const authData = this.authData(overrides.rpId ?? options['rpId'], overrides);
    const clientDataJSON = this.clientData(
      overrides.type ?? 'webauthn.get',
      overrides.challenge ?? options['challenge'],
      overrides,
    );
    const signed = Buffer.concat([authData, sha256(Buffer.from(clientDataJSON, 'base64url'))]);
    return this.credentialWith({
      clientDataJSON,
      authenticatorData: base64url(authData),
      signature: base64url(createSign('sha256').update(signed).sign(this.keys.privateKey)),
      userHandle: overrides.userHandle ?? this.userHandle,
    });
  }

  private credentialWith(response: object): Record<string, unknown> {
    const id = base64url(this.id);
    // Browsers also send members that the service does not read.
    return {
      id,
      rawId: id,
      type: 'public-key',
      authenticatorAttachment: 'platform',
      clientExtensionResults: { credProps: { rk: true } },
      response,
    };
  }

  private clientData(
    type: string,
    challenge: string,
    { origin = this.origin }: RegistrationOverrides,
  ): string {
    return base64url(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  }

  private authData(
    rpId: string,
    { verified = true }: RegistrationOverrides,
    credential: Buffer = Buffer.alloc(0),
  ): Buffer {
    const flags = 0x01 | (verified ? 0x04 : 0) | (credential.length > 0 ? 0x40 : 0);
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.counter);
    return Buffer.concat([sha256(rpId), Buffer.from([flags]), counter, credential]);
  }

  /** The attested credential data (WebAuthn, 6.5.1): no model, the id, and the key as COSE. */
  private get credential(): Buffer {
    const { x = '', y = '' } = this.keys.publicKey.export({ format: 'jwk' });
    const point = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'));
    const key = new Map<number, number | Uint8Array>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, point(x)],
      [-3, point(y)],
    ]);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(this.id.length);
    return Buffer.concat([Buffer.alloc(16), length, this.id, Buffer.from(isoCBOR.encode(key as never))]);
  }
}

/** Registers a passkey of the device. */
export async function addPasskey(
  person: Api,
  device: Authenticator,
  overrides: RegistrationOverrides = {},
  name = 'Phone',
): Promise<Answer> {
  const { body } = await person.post('/api/auth/passkeys/options');
  return person.post('/api/auth/passkeys', { name, response: device.create(body['options'], overrides) });
}
