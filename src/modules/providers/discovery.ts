import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { getJson, peerUnavailable } from './peers.js';

const FRESH_MS = 24 * 3_600_000;

/** Where an issuer can be asked what. */
export interface OpenIdEndpoints {
  readonly authorizationUrl: string;
  readonly tokenUrl: string;
  readonly jwksUrl: string;
}

interface Known {
  readonly endpoints: OpenIdEndpoints;
  readonly foundAt: number;
}

/** The endpoints of an issuer as it publishes them (OpenID Connect Discovery): asked for when they are needed, not at start. */
@Injectable()
export class Discovery {
  private readonly known = new Map<string, Known>();
  private readonly pending = new Map<string, Promise<OpenIdEndpoints>>();

  constructor(private readonly clock: Clock) {}

  /** @throws Problem `provider-unavailable` while nothing is known of it */
  async endpointsOf(issuer: string): Promise<OpenIdEndpoints> {
    const known = this.known.get(issuer);
    if (known && this.clock.now() - known.foundAt < FRESH_MS) return known.endpoints;
    try {
      return await this.find(issuer);
    } catch (error) {
      if (known) return known.endpoints;
      throw error;
    }
  }

  /** Of many who ask at once, one asks the issuer. */
  private find(issuer: string): Promise<OpenIdEndpoints> {
    const pending = this.pending.get(issuer) ?? this.ask(issuer).finally(() => this.pending.delete(issuer));
    this.pending.set(issuer, pending);
    return pending;
  }

  private async ask(issuer: string): Promise<OpenIdEndpoints> {
    const document = await getJson(`${issuer}/.well-known/openid-configuration`).catch((error: unknown) => {
      throw peerUnavailable(error);
    });
    const endpoints = readDocument(document, issuer);
    this.known.set(issuer, { endpoints, foundAt: this.clock.now() });
    return endpoints;
  }
}

/** @throws Problem `provider-unavailable` for a document of another issuer, or endpoints that could be read on the way */
function readDocument(document: unknown, issuer: string): OpenIdEndpoints {
  const said = (document ?? {}) as Readonly<Record<string, unknown>>;
  const endpoint = (name: string): string => {
    const url = said[name];
    // What is asked in the clear is as safe as the issuer that was configured, no less.
    if (typeof url !== 'string' || !URL.canParse(url)) throw peerUnavailable();
    if (!issuer.startsWith('http:') && !url.startsWith('https:')) throw peerUnavailable();
    return url;
  };
  if (said['issuer'] !== issuer) throw peerUnavailable();
  return {
    authorizationUrl: endpoint('authorization_endpoint'),
    tokenUrl: endpoint('token_endpoint'),
    jwksUrl: endpoint('jwks_uri'),
  };
}
