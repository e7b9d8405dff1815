import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryStorage } from '../src/storage/memory.js';
import { quiet } from './support/runtime.js';
import { type Phone, shown, weight, World } from './support/world.js';

/* Records made on a plane belong to the account that signs in; nobody else gets them. */

let world: World;
let phone: Phone;
const weights = ({ hale }: Phone) => hale.records('weight');
const signIn = ({ hale }: Phone, email = 'ada') => hale.login({ email, password: 'x' });

beforeEach(async () => {
  world = new World();
  phone = await world.open();
});

describe('records that are entered before a sign-in', () => {
  it('are kept and belong to the account that signs in', async () => {
    const id = await weights(phone).create(weight(80));
    await weights(phone).update(id, { weight_value: 81 });
    await quiet();
    expect(phone.hale.status.value).toMatchObject({ phase: 'signed_out', pendingCount: 1, upToDate: false });
    await signIn(phone);
    expect(await shown(phone)).toEqual({ [id]: 81 });
    expect(phone.hale.status.value).toMatchObject({ pendingCount: 1, upToDate: false });
    await phone.hale.sync();
    expect(world.server.live()).toEqual({ [id]: weight(81) });
    expect(phone.hale.status.value).toMatchObject({ pendingCount: 0, upToDate: true });
  });

  it('are kept across a restart', async () => {
    const id = await weights(phone).create(weight(80));
    const again = await world.open({ storage: phone.storage });
    expect(await shown(again)).toEqual({ [id]: 80 });
    expect(again.hale.status.value.pendingCount).toBe(1);
    await signIn(again);
    await again.hale.sync();
    expect(Object.keys(world.server.live())).toEqual([id]);
  });

  it('belong only to the first account that signs in', async () => {
    const id = await weights(phone).create(weight(80));
    await signIn(phone);
    await signIn(phone, 'bob');
    expect(await shown(phone)).toEqual({});
    await phone.hale.sync();
    expect(world.server.live()).toEqual({});
    await signIn(phone);
    await phone.hale.sync();
    expect(Object.keys(world.server.live())).toEqual([id]);
  });

  it('belong to the account, too, if another tab enters them during the sign-in', async () => {
    const tab = await world.open({ storage: phone.storage });
    const first = await weights(tab).create(weight(80));
    await signIn(phone);
    // The other tab was not told.
    const second = await weights(tab).create(weight(81));
    expect(await shown(tab)).toEqual({ [first]: 80, [second]: 81 });
    await phone.hale.sync();
    expect(Object.keys(world.server.live())).toHaveLength(2);
  });

  it('are neither lost nor duplicated when two tabs enter many during a sign-in', async () => {
    const tab = await world.open({ storage: phone.storage });
    const entering = Array.from({ length: 20 }, (_, index) =>
      weights(index % 2 === 0 ? phone : tab).create(weight(50 + index)),
    );
    const [ids] = await Promise.all([Promise.all(entering), signIn(phone)]);
    await phone.hale.sync();
    expect(Object.keys(world.server.live()).toSorted()).toEqual(ids.toSorted());
  });

  it('are removed by signing out, unless they would be lost', async () => {
    await weights(phone).create(weight(80));
    await expect(phone.hale.logout()).rejects.toMatchObject({ code: 'unsynced-edits' });
    await phone.hale.logout({ discard: true });
    expect(await shown(phone)).toEqual({});
    await signIn(phone);
    expect(await shown(phone)).toEqual({});
  });

  it('are refused if an app for several people turns this off', async () => {
    const shared = await world.open({ beforeSignIn: false, storage: new MemoryStorage() });
    await expect(weights(shared).create(weight(80))).rejects.toMatchObject({ code: 'signed-out' });
  });

  it('are refused in a tab that has no news of the sign-out of its person', async () => {
    await signIn(phone);
    const tab = await world.open({ storage: phone.storage });
    await phone.hale.logout();
    await expect(weights(tab).create(weight(80))).rejects.toMatchObject({ code: 'signed-out' });
  });
});
