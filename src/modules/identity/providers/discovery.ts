import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock.js';
import { getJson, peerUnavailable } from './peers.js';

const FRESH_MS = 24 * 3_600_000;

/** Endpoints of an issuer. */
export interface OpenIdEndpoints {
  readonly authorizationUrl: string;
  readonly tokenUrl: string;
  readonly jwksUrl: string;
}

interface Known {
  readonly endpoints: OpenIdEndpoints;
  readonly foundAt: number;
}

/** The published endpoints of an issuer (OpenID Connect Discovery), loaded on first use and not at the start. */
@Injectable()
export class Discovery {
  private readonly known = new Map<string, Known>();
  private readonly pending = new Map<string, Promise<OpenIdEndpoints>>();

  constructor(private readonly clock: Clock) {}

  /** @throws Problem `provider-unavailable` while its endpoints could not be loaded */
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

  /** Concurrent calls share one request to the issuer. */
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

/** @throws Problem `provider-unavailable` for a document of another issuer, or for unencrypted endpoints */
function readDocument(document: unknown, issuer: string): OpenIdEndpoints {
  const said = (document ?? {}) as Readonly<Record<string, unknown>>;
  const endpoint = (name: string): string => {
    const url = said[name];
    // Unencrypted endpoints are allowed only if the configured issuer itself is unencrypted.
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
