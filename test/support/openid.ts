import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWK,
  jwtVerify,
  type KeyObject,
  SignJWT,
} from 'jose';
import { type ClientMetadata, Provider } from 'oidc-provider';

type Claims = Readonly<Record<string, unknown>>;
export interface Account extends Claims {
  readonly email?: string;
  readonly email_verified?: boolean | string;
  readonly hd?: string;
}

/** A key that signs tokens, of the provider or of an attacker. */
export class Signer {
  private constructor(
    private readonly key: CryptoKey,
    readonly jwk: JWK,
  ) {}

  static async make(kid: string, alg = 'RS256'): Promise<Signer> {
    const { privateKey } = await generateKeyPair(alg, { extractable: true });
    return new Signer(privateKey, { ...(await exportJWK(privateKey)), kid, alg, use: 'sig' });
  }

  /** The public part of the key. */
  get publicJwk(): JWK {
    const { kty, n, e, crv, x, y, kid, alg, use } = this.jwk;
    return JSON.parse(JSON.stringify({ kty, n, e, crv, x, y, kid, alg, use })) as JWK;
  }

  sign(claims: Claims, header: Claims = {}): Promise<string> {
    const { kid, alg = '' } = this.jwk;
    const crit = Object.fromEntries(((header['crit'] ?? []) as string[]).map((name) => [name, true]));
    return new SignJWT(claims).setProtectedHeader({ alg, kid, ...header }).sign(this.key, { crit });
  }
}

interface PeerOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  /** The client then authenticates by JWTs that are signed with this key instead of by the secret, as at Apple. */
  readonly clientKey?: CryptoKey | KeyObject;
}

/** A certified OpenID provider on this machine. A test can also sign any token with its keys. */
export class OpenIdPeer {
  /** The accounts by their login name, which is also the subject unless the claims have another. */
  readonly accounts = new Map<string, Account>();
  /** How often its keys were requested. */
  jwksRequests = 0;
  /** The lifetime of its id_tokens. */
  idTokenSeconds = 300;
  /** The last secret or JWT by which the client authenticated. */
  clientProof = '';
  /** The keys that it publishes. Undefined for its real keys. */
  keys: readonly JWK[] | undefined;

  private constructor(
    private readonly server: Server,
    readonly signer: Signer,
    private readonly options: PeerOptions,
  ) {}

  static async start(options: PeerOptions): Promise<OpenIdPeer> {
    const signer = await Signer.make('peer-1');
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const peer = new OpenIdPeer(server, signer, options);
    const provider = peer.provide();
    server.on('request', (request, response) => {
      void (async () => {
        const { pathname } = new URL(request.url ?? '/', peer.issuer);
        if (pathname === '/jwks') {
          peer.jwksRequests += 1;
          if (peer.keys) return json(response, { keys: peer.keys });
        }
        if (pathname === '/token' && options.clientKey) await peer.proveClient(request, options.clientKey);
        await provider(request, response);
      })();
    });
    return peer;
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Signs an id_token that is correct except for the given claims. */
  mint(claims: Claims, header: Claims = {}, signer = this.signer): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    const { clientId: aud } = this.options;
    const standard = { iss: this.issuer, aud, iat: now, exp: now + 300, jti: randomUUID() };
    return signer.sign(JSON.parse(JSON.stringify({ ...standard, ...claims })) as Claims, header);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private provide(): ReturnType<Provider['callback']> {
    const { clientId, clientSecret, redirectUri } = this.options;
    const client: ClientMetadata = {
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: [redirectUri],
      token_endpoint_auth_method: 'client_secret_post',
    };
    const provider = new Provider(this.issuer, {
      clients: [client],
      jwks: { keys: [this.signer.jwk] },
      cookies: { keys: ['only-for-tests'] },
      claims: { openid: ['sub', 'hd'], email: ['email', 'email_verified'] },
      // Puts the e-mail address into the id_token, as Google and Apple do.
      conformIdTokenClaims: false,
      findAccount: (_context, login) => {
        const account = this.accounts.get(login);
        return account && { accountId: login, claims: () => ({ ...account, sub: login }) };
      },
      ttl: {
        AccessToken: 60,
        AuthorizationCode: 60,
        IdToken: () => this.idTokenSeconds,
        Interaction: 300,
        Session: 300,
        Grant: 300,
      },
    });
    return provider.callback();
  }

  /** Checks the client's JWT, and replaces it by the secret that the provider library knows. */
  private async proveClient(
    request: Parameters<typeof text>[0] & { body?: unknown },
    clientKey: CryptoKey | KeyObject,
  ): Promise<void> {
    const form = Object.fromEntries(new URLSearchParams(await text(request)));
    this.clientProof = form['client_secret'] ?? '';
    const isRight = await jwtVerify(this.clientProof, clientKey, { audience: this.issuer }).then(
      () => true,
      () => false,
    );
    request.body = { ...form, client_secret: isRight ? this.options.clientSecret : 'wrong' };
  }
}

export function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
