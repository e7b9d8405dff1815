import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { weight } from '../src/definitions.generated.js';
import { createClient, type Hale } from '../src/hale.js';
import { MemoryStorage } from '../src/storage/memory.js';
import { PASSWORD } from '../../../test/support/api.js';
import { TestApp } from '../../../test/support/app.js';
import { TestClock } from '../../../test/support/clock.js';
import { hasDatabase } from '../../../test/support/database.js';
import { Secured } from '../../../test/support/totp.js';

describe.runIf(hasDatabase())('22: the client of who has a second factor', () => {
  const clock = new TestClock();
  let app: TestApp;
  let ada: Secured;
  let hale: Hale;
  beforeAll(async () => {
    app = await TestApp.start({ override: clock.install });
  });
  afterAll(() => app?.stop());
  beforeEach(async () => {
    ada = await Secured.of(await app.api.register(), clock);
    hale = await createClient({ url: app.url, storage: new MemoryStorage(), kinds: [weight] });
  });
  afterEach(() => hale.close());

  const credentials = () => ({ email: ada.email, password: PASSWORD, device_name: 'Phone' });

  it('22: a person enters a code, again after a wrong one, and the client syncs', async () => {
    const asked: boolean[] = [];
    const codes = ['000000', '000000', ada.nextCode()];
    const user = await hale.login(credentials(), {
      secondFactor: async ({ isRepeated }) => {
        asked.push(isRepeated);
        return { code: codes[asked.length - 1]! };
      },
    });
    expect([user.id, hale.user?.id]).toEqual([ada.person.userId, ada.person.userId]);
    expect(asked).toEqual([false, true, true]);
    expect(await hale.sync()).toEqual({ phase: 'idle' });
    const { body } = await ada.person.get('/api/auth/sessions');
    expect(body['data'].some((session: any) => session.device_name === 'Phone' && session.device_id)).toBe(
      true,
    );
  });

  it('22: a recovery code is accepted, too', async () => {
    const secondFactor = async () => ({ recovery_code: ada.recoveryCodes[0]! });
    expect((await hale.login(credentials(), { secondFactor })).id).toBe(ada.person.userId);
  });

  it('22: nobody is signed in without a code, after five wrong codes, or when the person cancels', async () => {
    await expect(hale.login(credentials())).rejects.toMatchObject({ code: 'second-factor' });
    let asked = 0;
    const wrong = async () => {
      asked += 1;
      return { code: '000000' };
    };
    const ended = hale.login(credentials(), { secondFactor: wrong });
    await expect(ended).rejects.toMatchObject({ code: 'challenge-expired', status: 401 });
    expect(asked).toBe(6);
    const given = hale.login(credentials(), { secondFactor: () => Promise.reject(new Error('closed')) });
    await expect(given).rejects.toThrow('closed');
    expect(hale.user).toBeUndefined();
  });
});
