import { Injectable } from '@nestjs/common';
import { Problem } from '../../../kernel/http/problem.js';
import { Apple } from './apple.js';
import { Facebook } from './facebook.js';
import { GitHub } from './github.js';
import { Google } from './google.js';
import type { ExternalIdentity, Provider } from './provider.js';

/** The providers for which this service has a client. */
@Injectable()
export class Providers {
  private readonly all: readonly Provider[];

  constructor(google: Google, apple: Apple, facebook: Facebook, github: GitHub) {
    this.all = [google, apple, facebook, github];
  }

  get configured(): readonly Provider[] {
    return this.all.filter(({ isConfigured }) => isConfigured);
  }

  /** @throws Problem `not-found` for an unknown provider or one that is not configured */
  get(name: string): Provider {
    const provider = this.configured.find((it) => it.name === name);
    if (!provider) throw new Problem('not-found');
    return provider;
  }

  /**
   * Reads the identity from an id_token that the app got.
   * @param nonce the nonce that the app began with, if any.
   * @throws Problem `invalid-id-token`, `provider-unavailable`, `not-found` for a provider that issues no id_tokens
   */
  async identify(name: string, idToken: string, nonce: string | undefined): Promise<ExternalIdentity> {
    const identity = await this.get(name).identityOfIdToken?.(idToken, nonce);
    if (!identity) throw new Problem('not-found');
    return identity;
  }
}
