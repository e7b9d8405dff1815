import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ChangeSequence, type Head } from '../../../src/records/write/change-sequence.js';
import { HeadsRepository } from '../../../src/modules/sync/pokes/heads.repository.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { drain } from '../../support/weights.js';
import { startTwo, times } from '../auth/support.js';
import { announce, at, Device, HASTY, NEVER_POLLS, policy, write } from './support.js';

const heads = (device: Device): number[] => device.pokes.map(({ head }) => Number(head));

describe.runIf(hasDatabase())('pokes', () => {
  let app: TestApp;
  let ada: Api;
  beforeEach(async () => {
    app = await TestApp.start({ override: policy({ ...HASTY, ...NEVER_POLLS, coalesceMs: 30 }) });
    ada = await app.api.register();
  });
  afterEach(() => app.stop());

  it('a change is announced to every device, after it can be read', async () => {
    const devices = [await Device.join(ada), await Device.join(await ada.login())];
    const seen = Promise.all(
      devices.map(async (device) => {
        await device.poke(1);
        return (await drain(ada)).entries.length;
      }),
    );
    await write(ada);
    expect(await seen).toEqual([1, 1]);
  });

  it('a poke contains a number and kinds, and nothing of the record', async () => {
    const device = await Device.join(ada);
    await write(ada);
    expect(await device.poke(1)).toEqual({ t: 'poke', head: '1', kinds: ['weight'] });
    announce(app, ada, 7, 'meal');
    expect(await device.poke(7)).toEqual({ t: 'poke', head: '7', kinds: ['meal'] });
  });

  it('the first change is announced at once, the following ones together: the latest head, all kinds', async () => {
    const device = await Device.join(ada);
    announce(app, ada, 1, 'weight');
    announce(app, ada, 2, 'weight');
    announce(app, ada, 3, 'meal', 'weight');
    announce(app, ada, 4, 'metric');
    await device.poke(4);
    expect(device.pokes).toEqual([
      { t: 'poke', head: '1', kinds: ['weight'] },
      { t: 'poke', head: '4', kinds: ['weight', 'meal', 'metric'] },
    ]);
  });

  it('if the kind of a change is unknown, any kind is announced', async () => {
    const device = await Device.join(ada);
    announce(app, ada, 1, 'weight');
    announce(app, ada, 2, 'weight');
    announce(app, ada, 3);
    expect(await device.poke(3)).toMatchObject({ kinds: [] });
  });

  it('F60: duplicated and reordered announcements are announced in order, and once', async () => {
    const device = await Device.join(ada);
    for (const head of [3, 3, 1, 2, 3]) announce(app, ada, head, 'weight');
    await device.poke(3);
    for (const head of [2, 5, 4, 5]) announce(app, ada, head, 'weight');
    await device.poke(5);
    announce(app, ada, 5, 'weight');
    announce(app, ada, 1, 'weight');
    announce(app, ada, 6, 'weight');
    await device.poke(6);
    expect(heads(device)).toEqual([3, 5, 6]);
  });

  it('numbers up to 2^53 are exact', async () => {
    const head = Number.MAX_SAFE_INTEGER;
    await app.db.writer.query('UPDATE user_sequences SET seq = ? WHERE user_id = ?', [head, ada.userId]);
    const device = await Device.join(ada);
    expect(device.messages[0]).toMatchObject({ head: String(head) });
    expect(await app.app.get(HeadsRepository).find([ada.userId])).toEqual([{ userId: ada.userId, head }]);
  });

  it('a change that is committed between reading the head and the greeting is not lost', async () => {
    const first = await Device.join(ada);
    const sequence = app.app.get(ChangeSequence);
    const real = sequence.head.bind(sequence);
    vi.spyOn(sequence, 'head').mockImplementationOnce(async (owner): Promise<Head> => {
      const head = await real(owner);
      await write(ada);
      await first.poke(1);
      return head;
    });
    const second = await Device.open(ada);
    expect(await second.hello()).toMatchObject({ head: '1' });
  });

  it('a head that a new connection reads is announced to others that do not have it', async () => {
    const first = await Device.join(ada);
    await app.db.writer.query('UPDATE user_sequences SET seq = 9 WHERE user_id = ?', [ada.userId]);
    expect(await (await Device.open(ada)).hello()).toMatchObject({ head: '9' });
    expect(await first.poke(9)).toMatchObject({ head: '9', kinds: [] });
  });

  it('people without connections are forgotten', async () => {
    const device = await Device.join(ada);
    announce(app, ada, 1);
    await device.leave();
    const find = vi.spyOn(app.app.get(HeadsRepository), 'find');
    const rows = vi.spyOn(app.db, 'rows');
    await app.app.get(HeadsRepository).find([]);
    expect([find.mock.calls.length, rows.mock.calls.length]).toEqual([1, 0]);
    const again = await Device.join(ada);
    announce(app, ada, 1, 'weight');
    expect(await again.poke(1)).toMatchObject({ kinds: ['weight'] });
  });
});

describe.runIf(hasDatabase())('F60: two instances without Redis', () => {
  let here: TestApp;
  let there: TestApp;
  let ada: Api;
  beforeAll(async () => {
    [here, there] = await startTwo({
      override: policy({ ...HASTY, pollMs: { alone: 20, withRedis: 1e9 } }),
    });
    ada = await here.api.register();
  });
  afterAll(async () => {
    await there.stop();
    await here.stop();
  });

  it('F60: a change on one instance is found by the other by comparing heads', async () => {
    const [near, far] = [await Device.join(ada), await Device.join(at(there, ada))];
    await write(ada);
    expect(await near.poke(1)).toMatchObject({ head: '1' });
    expect(await far.poke(1)).toEqual({ t: 'poke', head: '1', kinds: [] });
    await Promise.all([near.leave(), far.leave()]);
  });

  it('one query reads five hundred people, and none runs without connections', async () => {
    const rows = vi.spyOn(there.db, 'rows');
    const people = await Promise.all(times(3, () => here.api.register()));
    const find = vi.spyOn(there.app.get(HeadsRepository), 'find');
    await vi.waitFor(() => expect(find.mock.calls.length).toBeGreaterThan(2));
    find.mockRestore();
    // Other workers look for their work by statements of their own.
    const polls = (): unknown[][] =>
      rows.mock.calls.filter(([sql]) => /FROM user_sequences\s+WHERE user_id IN/.test(sql));
    expect(polls()).toEqual([]);
    const devices = await Promise.all(people.map((person) => Device.join(at(there, person))));
    await vi.waitFor(() => expect(polls().at(-1)?.[1]).toHaveLength(4));
    expect(new Set(polls().at(-1)?.[1] as string[])).toEqual(new Set(people.map(({ userId }) => userId)));
    await here.app.get(HeadsRepository).find(times(501, String));
    rows.mockClear();
    await there.app.get(HeadsRepository).find(times(1_001, String));
    expect(polls().filter(([, ids]) => (ids as string[])[0]!.length < 5)).toHaveLength(3);
    await Promise.all(devices.map((device) => device.leave()));
    rows.mockRestore();
  });

  it('F60: a database error for a while delays the pokes, and nothing else', async () => {
    const far = await Device.join(at(there, ada));
    const find = vi
      .spyOn(there.app.get(HeadsRepository), 'find')
      .mockRejectedValueOnce(new Error('gone'))
      .mockRejectedValueOnce(new Error('gone'));
    await vi.waitFor(() => expect(find.mock.calls.length).toBeGreaterThan(2));
    await write(ada);
    await far.poke(2);
    await far.leave();
    find.mockRestore();
  });
});
