import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { meal, weight } from '../src/definitions.generated.js';
import { createClient, type Hale } from '../src/hale.js';
import { MemoryStorage } from '../src/storage/memory.js';
import {
  APP_LINK,
  callbackOf,
  codeFor,
  newAddress,
  Pkce,
  PUBLIC,
} from '../../../test/http/identities/support.js';
import { PASSWORD } from '../../../test/support/api.js';
import { TestApp } from '../../../test/support/app.js';
import { addPasskey, Authenticator } from '../../../test/support/authenticator.js';
import { TestClock } from '../../../test/support/clock.js';
import { hasDatabase } from '../../../test/support/database.js';
import { OpenIdPeer } from '../../../test/support/openid.js';
import { Secured } from '../../../test/support/totp.js';

const CLIENT = { clientId: 'hale-web', clientSecret: 'a-secret-of-the-client' };

describe.runIf(hasDatabase())('every way to sign in', () => {
  const clock = new TestClock();
  let app: TestApp;
  let google: OpenIdPeer;
  let hale: Hale;

  beforeAll(async () => {
    google = await OpenIdPeer.start({ ...CLIENT, redirectUri: callbackOf('google') });
    app = await TestApp.start({
      env: {
        PUBLIC_URL: PUBLIC,
        APP_LINKS: APP_LINK,
        GOOGLE_CLIENT_ID: CLIENT.clientId,
        GOOGLE_CLIENT_SECRET: CLIENT.clientSecret,
        GOOGLE_ISSUER: google.issuer,
      },
      override: clock.install,
    });
  });
  afterAll(async () => {
    await app?.stop();
    await google?.stop();
  });
  beforeEach(async () => {
    hale = await createClient({ url: app.url, storage: new MemoryStorage(), kinds: [weight, meal] });
  });
  afterEach(() => hale.close());

  /** What was entered before is there, on the server, for the account that signed in. */
  async function expectSynced(signIn: () => Promise<{ id: string }>): Promise<string> {
    await hale.records('weight').create({
      weight_value: 80,
      unit: 'kg',
      timestamp: '2026-01-06T20:30:00.000Z',
    });
    const { id } = await signIn();
    expect(hale.user?.id).toBe(id);
    expect(await hale.sync()).toEqual({ phase: 'idle' });
    const { data } = await hale.api.GET('/api/health-metrics/weight');
    expect(data?.data).toMatchObject([{ weight_value: 80, user_id: id }]);
    const { data: sessions } = await hale.api.GET('/api/auth/sessions');
    expect(sessions?.data.find(({ current }) => current)?.device_id).toBeTruthy();
    return id;
  }

  it('by the id_token of a provider', async () => {
    const claims = { sub: randomUUID(), email: newAddress('gmail.com'), email_verified: true };
    const id_token = await google.mint(claims);
    await expectSynced(() => hale.signInWith({ provider: 'google', id_token, device_name: 'Phone' }));
    expect(hale.user?.email).toBe(claims.email);
  });

  it('by the code with which the browser opened the app', async () => {
    const login = newAddress('gmail.com');
    google.accounts.set(login, { email: login, email_verified: true });
    const pkce = new Pkce();
    const code = await codeFor(app, 'google', login, pkce);
    await expectSynced(() => hale.signInWith({ code, code_verifier: pkce.verifier }));
  });

  it('by a passkey', async () => {
    const person = await app.api.register();
    const device = new Authenticator(PUBLIC);
    await addPasskey(person, device);
    const id = await expectSynced(() =>
      hale.signInWith({ passkey: async (options) => device.get(options), platform: 'android-16' }),
    );
    expect(id).toBe(person.userId);
  });

  it('by a passkey without any passkey: a clear error', async () => {
    await expect(hale.signInWith({ passkey: true })).rejects.toMatchObject({ code: 'no-passkey' });
    expect(hale.user).toBeUndefined();
  });

  it('by a second factor, requested by the client or by the app', async () => {
    const ada = await Secured.of(await app.api.register(), clock);
    const { data } = await hale.api.POST('/api/auth/login', {
      body: { email: ada.email, password: PASSWORD },
    });
    const { challenge } = data as { challenge: string };
    const id = await expectSynced(() => hale.signInWith({ challenge, recovery_code: ada.recoveryCodes[0]! }));
    expect(id).toBe(ada.person.userId);
  });

  it('by the answer to any other sign-in call', async () => {
    const email = newAddress();
    await app.api.post('/api/auth/register', { email, password: PASSWORD });
    const { data } = await hale.api.POST('/api/auth/login', {
      body: { email, password: PASSWORD, device_id: 'phone-1' },
    });
    await expectSynced(() => hale.signInWith({ tokens: data as never }));
  });
});
