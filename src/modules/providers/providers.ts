import { Injectable } from '@nestjs/common';
import { Problem } from '../../kernel/http/problem.js';
import { Apple } from './apple.js';
import { Facebook } from './facebook.js';
import { GitHub } from './github.js';
import { Google } from './google.js';
import type { ExternalIdentity, Provider } from './provider.js';

/** The providers this service has a client at. */
@Injectable()
export class Providers {
  private readonly all: readonly Provider[];

  constructor(google: Google, apple: Apple, facebook: Facebook, github: GitHub) {
    this.all = [google, apple, facebook, github];
  }

  get configured(): readonly Provider[] {
    return this.all.filter(({ isConfigured }) => isConfigured);
  }

  /** @throws Problem `not-found` for one that is not set up, or that there is not */
  get(name: string): Provider {
    const provider = this.configured.find((it) => it.name === name);
    if (!provider) throw new Problem('not-found');
    return provider;
  }

  /**
   * Who somebody is whose app got an id_token.
   * @param nonce what the app began with, if with any.
   * @throws Problem `invalid-id-token`, `provider-unavailable`, `not-found` for a provider that makes none
   */
  async identify(name: string, idToken: string, nonce: string | undefined): Promise<ExternalIdentity> {
    const identity = await this.get(name).identityOfIdToken?.(idToken, nonce);
    if (!identity) throw new Problem('not-found');
    return identity;
  }
}
