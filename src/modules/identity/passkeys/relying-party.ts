import { Injectable } from '@nestjs/common';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { Config } from '../../../config/config.js';
import type { User } from '../users/user.entity.js';
import { CEREMONY_MS } from './passkey-challenges.js';
import type { Passkey } from './passkey.entity.js';

/** Loaded on first use: loading takes 250 ms, which would slow down every start. */
const library = async () => ({
  ...(await import('@simplewebauthn/server')),
  ...(await import('@simplewebauthn/server/helpers')),
});
type Library = Awaited<ReturnType<typeof library>>;

/** EdDSA, ES256 and RS256: every authenticator supports at least one. */
const ALGORITHMS = [-8, -7, -257];

/** A new public key, as a device presents it. */
export type Attested = Pick<Passkey, 'credentialId' | 'publicKey' | 'counter' | 'transports' | 'backedUp'> & {
  readonly challenge: string;
};

/** A valid signature, with what the device reports about the key. */
export type Asserted = Pick<Passkey, 'counter' | 'backedUp'> & { readonly challenge: string };

/**
 * The relying party of WebAuthn: makes options for devices and verifies their answers. The caller checks whether the
 * challenge is still open and whether the counter rises.
 */
@Injectable()
export class RelyingParty {
  private readonly id: string;
  private readonly origins: string[];

  constructor({ env }: Config) {
    this.id = new URL(env.PUBLIC_URL).hostname;
    this.origins = [env.PUBLIC_URL, ...env.PASSKEY_ORIGINS];
  }

  /** Requests a passkey that identifies the account and needs a fingerprint, face or PIN, so that it counts as two factors. */
  async creationOptions(
    user: User,
    challenge: string,
    known: readonly Passkey[],
  ): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const { generateRegistrationOptions, isoBase64URL } = await library();
    return generateRegistrationOptions({
      rpName: 'Hale',
      rpID: this.id,
      userID: isoBase64URL.toBuffer(handleOf(user.id)),
      userName: user.email,
      userDisplayName: user.displayName ?? user.email,
      challenge: isoBase64URL.toBuffer(challenge),
      timeout: CEREMONY_MS,
      attestationType: 'none',
      excludeCredentials: known.map(({ credentialId, transports }) => ({
        id: credentialId,
        transports: [...transports],
      })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      supportedAlgorithmIDs: ALGORITHMS,
    });
  }

  async requestOptions(challenge: string): Promise<PublicKeyCredentialRequestOptionsJSON> {
    const { generateAuthenticationOptions, isoBase64URL } = await library();
    return generateAuthenticationOptions({
      rpID: this.id,
      challenge: isoBase64URL.toBuffer(challenge),
      timeout: CEREMONY_MS,
      userVerification: 'required',
    });
  }

  /** The public key of a registration; undefined if anything in it is invalid. */
  attested(response: RegistrationResponseJSON): Promise<Attested | undefined> {
    return unlessWrong(async () => {
      const webauthn = await library();
      if (isCertified(response, webauthn)) return undefined;
      const { challenge } = webauthn.decodeClientDataJSON(response.response.clientDataJSON);
      const { registrationInfo } = await webauthn.verifyRegistrationResponse({
        response,
        expectedChallenge: challenge,
        expectedOrigin: this.origins,
        expectedRPID: this.id,
        requireUserVerification: true,
        supportedAlgorithmIDs: ALGORITHMS,
      });
      if (!registrationInfo) return undefined;
      const { credential, credentialBackedUp } = registrationInfo;
      return {
        challenge,
        credentialId: credential.id,
        publicKey: webauthn.isoBase64URL.fromBuffer(credential.publicKey),
        counter: BigInt(credential.counter),
        transports: credential.transports ?? [],
        backedUp: credentialBackedUp,
      };
    });
  }

  /** What a sign-in reports about the passkey; undefined if anything in it is invalid. */
  asserted(response: AuthenticationResponseJSON, passkey: Passkey): Promise<Asserted | undefined> {
    return unlessWrong(async () => {
      // The device names the key's account. The request names none, so this must be the owner that we know (WebAuthn, 7.2).
      if (response.response.userHandle !== handleOf(passkey.userId)) return undefined;
      const webauthn = await library();
      const { challenge } = webauthn.decodeClientDataJSON(response.response.clientDataJSON);
      const { verified, authenticationInfo } = await webauthn.verifyAuthenticationResponse({
        response,
        expectedChallenge: challenge,
        expectedOrigin: this.origins,
        expectedRPID: this.id,
        requireUserVerification: true,
        // The counter is checked later, where it is stored, so the library gets 0.
        credential: {
          id: passkey.credentialId,
          publicKey: webauthn.isoBase64URL.toBuffer(passkey.publicKey),
          counter: 0,
        },
      });
      const { newCounter, credentialBackedUp } = authenticationInfo;
      return verified ? { challenge, counter: BigInt(newCounter), backedUp: credentialBackedUp } : undefined;
    });
  }
}

/**
 * The account's handle on people's devices: the bytes of its id. It is permanent and unique per account, as WebAuthn
 * requires, and reveals to a holder of the device only when the person signed up (WebAuthn, 14.6.1).
 */
const handleOf = (userId: string): string =>
  Buffer.from(userId.replaceAll('-', ''), 'hex').toString('base64url');

/**
 * Whether the device sent certificates. We request none, and clients then remove them (WebAuthn, 5.1.3). Any that come
 * anyway are refused, because the library would look for revocations on the network.
 */
function isCertified({ response }: RegistrationResponseJSON, webauthn: Library): boolean {
  const attestation = webauthn.decodeAttestationObject(
    webauthn.isoBase64URL.toBuffer(response.attestationObject),
  );
  const isPlain = ['none', 'packed'].includes(attestation.get('fmt'));
  return !isPlain || attestation.get('attStmt').get('x5c') !== undefined;
}

/** The library throws only for invalid input: it uses neither a database nor the network here. */
async function unlessWrong<T>(judge: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await judge();
  } catch {
    return undefined;
  }
}
