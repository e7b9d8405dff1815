import { describe, expect, it } from 'vitest';
import { ReferenceServer } from './support/server.js';
import { type Phone, shown, weight, World } from './support/world.js';

const SEEDS = Number(process.env['HALE_CLIENT_SEEDS'] ?? 60);

type Dice = (sides: number) => number;

/** mulberry32 */
function diceOf(seed: number): Dice {
  let state = seed;
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}

async function act(world: World, phones: Phone[], dice: Dice, kept: Set<string>): Promise<void> {
  const index = dice(phones.length);
  const phone = phones[index] as Phone;
  const weights = phone.hale.records('weight');
  const ids = Object.keys(await shown(phone));
  const id = ids[dice(Math.max(1, ids.length))];
  world.pass(1 + dice(5_000));
  switch (dice(8)) {
    case 0:
    case 1:
      kept.add(await weights.create(weight(40 + dice(100))));
      break;
    case 2:
      if (id) await weights.update(id, { weight_value: 40 + dice(100) });
      break;
    case 3:
      if (id) kept.delete(id);
      if (id) await weights.delete(id);
      break;
    case 4:
      // The app is killed and opened again.
      phones[index] = await world.phone({ storage: phone.storage });
      break;
    default:
      await phone.hale.sync();
  }
}

/** Repairs the connection, and expects every phone to show the records of the server. */
async function expectConvergence(world: World, phones: Phone[]): Promise<void> {
  world.server.fault = () => undefined;
  for (let round = 0; round < 3; round += 1)
    for (const { hale } of phones) expect(await hale.sync()).toEqual({ phase: 'idle' });
  const fresh = await world.phone();
  await fresh.hale.sync();
  const live = Object.fromEntries(
    Object.entries(world.server.live()).map(([id, data]) => [id, (data as any).weight_value]),
  );
  for (const phone of [...phones, fresh]) {
    expect(await shown(phone)).toEqual(live);
    expect(phone.hale.status.value.pendingCount).toBe(0);
  }
}

function disturb(server: ReferenceServer, dice: Dice): void {
  server.fault = () => (['lose-request', 'lose-answer', undefined, undefined, undefined] as const)[dice(5)];
}

async function play(seed: number, extra: (world: World, dice: Dice, step: number) => void): Promise<void> {
  const dice = diceOf(seed);
  const world = new World();
  const phones = [
    await world.phone(),
    await world.phone({ skew: 90_000 }),
    await world.phone({ skew: -400 }),
  ];
  /** The records that were not deleted. */
  const kept = new Set<string>();
  disturb(world.server, dice);
  for (let step = 0; step < 40; step += 1) {
    extra(world, dice, step);
    await act(world, phones, dice, kept);
  }
  await expectConvergence(world, phones);
  expect(Object.keys(world.server.live())).toEqual(expect.arrayContaining([...kept]));
}

describe('three phones on a bad connection', () => {
  it(`show the same records in the end, for ${SEEDS} seeds`, { timeout: 120_000 }, async () => {
    for (let seed = 1; seed <= SEEDS; seed += 1)
      await play(seed, () => undefined).catch((error: Error) => {
        throw new Error(`seed ${seed}: ${error.message}`, { cause: error });
      });
  });

  it(`even if deletions are purged, for ${SEEDS} seeds`, { timeout: 120_000 }, async () => {
    for (let seed = 1; seed <= SEEDS; seed += 1)
      await play(seed, ({ server }, dice) => dice(12) === 0 && server.purge()).catch((error: Error) => {
        throw new Error(`seed ${seed}: ${error.message}`, { cause: error });
      });
  });

  it(`even if the server is restored from a backup, for ${SEEDS} seeds`, { timeout: 120_000 }, async () => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      let backup: ReturnType<ReferenceServer['backup']> | undefined;
      await play(seed, ({ server }, dice) => {
        if (dice(10) === 0) backup = server.backup();
        if (dice(10) === 0 && backup) server.restore(backup);
      }).catch((error: Error) => {
        throw new Error(`seed ${seed}: ${error.message}`, { cause: error });
      });
    }
  });
});

/** The last value that a person entered for each record. A phone must show exactly these values. */
class Person {
  readonly wanted = new Map<string, number>();
  private entered = 40;

  constructor(
    private readonly phone: Phone,
    private readonly dice: Dice,
  ) {}

  async act(): Promise<void> {
    const [first, second] = [this.dice(4), 1 + this.dice(3)];
    const one = this.edit(first);
    if (this.dice(2) === 0) await this.phone.hale.together([one, this.edit((first + second) % 4)]);
    else if (one.op === 'delete') await this.weights.delete(one.id);
    else await this.weights.put(one.id, one.fields);
  }

  /** Corrects refused edits until none is left. */
  async correct(): Promise<void> {
    const { needsAttention } = this.phone.hale;
    for (const { recordId } of await needsAttention.list())
      if (this.wanted.has(recordId)) await this.weights.update(recordId, this.enter(recordId, 0));
    await this.phone.hale.sync();
    for (const { id, recordId, op, problem } of await needsAttention.list()) {
      // The server never had the record, so nothing needs to be deleted.
      const isVain = !this.wanted.has(recordId) && (op !== 'delete' || problem.code === 'record-gone');
      const done = isVain ? needsAttention.discard(id) : needsAttention.retry(id);
      // It was sent with another edit of its group.
      await done.catch(() => undefined);
    }
  }

  private get weights() {
    return this.phone.hale.records('weight');
  }

  private edit(index: number) {
    const id = `0195f000-0000-7000-8000-00000000000${index}`;
    const isThere = this.wanted.has(id);
    if (isThere && this.dice(4) === 0) {
      this.wanted.delete(id);
      return { kind: 'weight', id, op: 'delete' } as const;
    }
    const fields = this.enter(id, this.dice(3) === 0 ? 600 : 0);
    return { kind: 'weight', id, op: isThere ? 'update' : 'create', fields: { ...fields } } as const;
  }

  /** @param excess makes the value larger than the server accepts. */
  private enter(id: string, excess: number) {
    this.entered += 1;
    this.wanted.set(id, this.entered + excess);
    return weight(this.entered + excess);
  }
}

async function insist(seed: number): Promise<void> {
  const dice = diceOf(seed);
  const world = new World();
  const phone = await world.phone();
  const person = new Person(phone, dice);
  const expectWanted = async () => expect(await shown(phone)).toEqual(Object.fromEntries(person.wanted));
  for (let step = 0; step < 25; step += 1) {
    world.pass(1 + dice(2_000));
    const fault = ([undefined, 'lose-request', 'lose-answer'] as const)[dice(3)];
    world.server.fault = (path) => (path.endsWith('push') ? fault : undefined);
    await (dice(3) === 0 ? phone.hale.sync() : person.act());
    await expectWanted();
  }
  world.server.fault = () => undefined;
  for (let round = 0; round < 12; round += 1) {
    world.pass(1_000);
    await phone.hale.sync();
    await person.correct();
  }
  await expectWanted();
  expect(phone.hale.status.value).toMatchObject({ pendingCount: 0, needsAttention: 0 });
  const fresh = await world.phone();
  await fresh.hale.sync();
  expect(await shown(fresh)).toEqual(await shown(phone));
}

describe('edits and groups that the server often refuses', () => {
  it(`a phone shows the last entered values, and the server receives them, for ${SEEDS} seeds`, async () => {
    for (let seed = 1; seed <= SEEDS; seed += 1)
      await insist(seed).catch((error: Error) => {
        throw new Error(`seed ${seed}: ${error.message}`, { cause: error });
      });
  });
});
