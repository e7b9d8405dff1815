import { Module, type Type } from '@nestjs/common';
import type { TestingModuleBuilder } from '@nestjs/testing';
import { AccountPagesModule } from '../../../src/modules/identity/account-pages/account-pages.module.js';
import type { Api } from '../../support/api.js';
import { Device, tokenOf } from '../realtime/support.js';

export const MATCHES = { path: '/ws/matches', protocol: 'hale.matches.v1' };

/** Adds a module to the application, in the place of one that has nothing to do with sockets. */
export const adding =
  (module: Type) =>
  (builder: TestingModuleBuilder): TestingModuleBuilder =>
    builder.overrideModule(AccountPagesModule).useModule(module);

export function moduleOf(...providers: Type[]): Type {
  @Module({ providers })
  class TestModule {}
  return TestModule;
}

/** Connects to the gateway at `/ws/matches`, unsigned or with the token of `api`. */
export const connect = (url: string, api?: Api): Promise<Device> =>
  Device.connect(url, [MATCHES.protocol, ...(api ? [`bearer.${tokenOf(api)}`] : [])], {}, MATCHES.path);

/** As {@link connect}, and waits for the greeting. */
export async function join(api: Api): Promise<Device> {
  const device = await connect(api.url, api);
  await device.hello();
  return device;
}
