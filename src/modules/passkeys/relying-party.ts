import { Injectable } from '@nestjs/common';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { Config } from '../../config/config.js';
import type { User } from '../users/public.js';
import { CEREMONY_MS } from './passkey-challenges.js';
import type { Passkey } from './passkey.entity.js';

/** Loaded with the first passkey: it takes a quarter of a second, and every start would pay for it. */
const library = async () => ({
  ...(await import('@simplewebauthn/server')),
  ...(await import('@simplewebauthn/server/helpers')),
});
type Library = Awaited<ReturnType<typeof library>>;

/** EdDSA, ES256 and RS256: between them every authenticator knows one. */
const ALGORITHMS = [-8, -7, -257];

/** A new key pair, as a device shows it. */
export type Attested = Pick<Passkey, 'credentialId' | 'publicKey' | 'counter' | 'transports' | 'backedUp'> & {
  readonly challenge: string;
};

/** A signature that is right, and what the device says of the key. */
export type Asserted = Pick<Passkey, 'counter' | 'backedUp'> & { readonly challenge: string };

/**
 * Our side of WebAuthn: what is asked of devices, and whether what they answer is right. Whether its challenge is still
 * to be answered, and whether the counter goes on, is for the caller.
 */
@Injectable()
export class RelyingParty {
  private readonly id: string;
  private readonly origins: string[];

  constructor({ env }: Config) {
    this.id = new URL(env.PUBLIC_URL).hostname;
    this.origins = [env.PUBLIC_URL, ...env.PASSKEY_ORIGINS];
  }

  /** A passkey that names the account by itself, and opens by finger, face or PIN: so it is two factors at once. */
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

  /** The key pair of a registration; undefined when anything about it is wrong. */
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

  /** What a sign-in shows about the passkey; undefined when anything about it is wrong. */
  asserted(response: AuthenticationResponseJSON, passkey: Passkey): Promise<Asserted | undefined> {
    return unlessWrong(async () => {
      // The device says whose key it is: without an account in the request, that must be who we think (WebAuthn, 7.2).
      if (response.response.userHandle !== handleOf(passkey.userId)) return undefined;
      const webauthn = await library();
      const { challenge } = webauthn.decodeClientDataJSON(response.response.clientDataJSON);
      const { verified, authenticationInfo } = await webauthn.verifyAuthenticationResponse({
        response,
        expectedChallenge: challenge,
        expectedOrigin: this.origins,
        expectedRPID: this.id,
        requireUserVerification: true,
        // The counter is judged later, where it is kept: here it is none.
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
 * The name of an account on people's devices: the bytes of its id. It is one for each account for ever, which WebAuthn
 * asks for, and says nothing of a person but when they signed up, to whoever holds their device (WebAuthn, 14.6.1).
 */
const handleOf = (userId: string): string =>
  Buffer.from(userId.replaceAll('-', ''), 'hex').toString('base64url');

/**
 * Whether the device shows certificates. We ask for none, and clients then take them out (WebAuthn, 5.1.3): what comes
 * all the same is not ours to judge, and would have the library look for revocations on the network.
 */
function isCertified({ response }: RegistrationResponseJSON, webauthn: Library): boolean {
  const attestation = webauthn.decodeAttestationObject(
    webauthn.isoBase64URL.toBuffer(response.attestationObject),
  );
  const isPlain = ['none', 'packed'].includes(attestation.get('fmt'));
  return !isPlain || attestation.get('attStmt').get('x5c') !== undefined;
}

/** The library throws for whatever is wrong, and for nothing else: it asks neither a database nor the network here. */
async function unlessWrong<T>(judge: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await judge();
  } catch {
    return undefined;
  }
}
