import * as definitions from '../../src/definitions.generated.js';
import { createClient, type Hale } from '../../src/hale.js';
import type { MealFields, WeightFields } from '../../src/kinds.generated.js';
import type { KindDefinition } from '../../src/rules.js';
import type { Runtime } from '../../src/runtime.js';
import type { SocketFactory } from '../../src/sockets.js';
import { MemoryStorage } from '../../src/storage/memory.js';
import type { Storage } from '../../src/storage/storage.js';
import { ReferenceServer } from './server.js';
import { TestRuntime } from './runtime.js';

export const weight = (value: number): WeightFields => ({
  weight_value: value,
  unit: 'kg',
  timestamp: '2026-02-28T07:00:00.000Z',
});

export const soup: MealFields = {
  eaten_at: '2026-02-28T07:00:00.000Z',
  time_zone: 'Europe/Vienna',
  meal_type: 'lunch',
  title: 'Soup',
  items: [],
};

export interface Phone {
  readonly hale: Hale;
  readonly runtime: TestRuntime;
  readonly storage: Storage;
}

interface PhoneOptions {
  readonly email?: string;
  readonly storage?: Storage;
  readonly skew?: number;
  readonly socket?: SocketFactory;
  readonly fetch?: Runtime['fetch'];
  /** The tabs of one browser share it. */
  readonly lock?: Runtime['lock'];
  readonly kinds?: readonly KindDefinition[];
  readonly beforeSignIn?: boolean;
}

/** One server, and phones that each have their own clock. */
export class World {
  time = Date.parse('2026-03-01T08:00:00.000Z');
  readonly server = new ReferenceServer(() => this.time);
  private phones: { runtime: TestRuntime; skew: number }[] = [];

  /** A phone that is signed in. */
  async phone(options: PhoneOptions = {}): Promise<Phone> {
    const phone = await this.open(options);
    if (!phone.hale.user) await phone.hale.login({ email: options.email ?? 'ada', password: 'x' });
    return phone;
  }

  async open({ storage = new MemoryStorage(), skew = 0, ...options }: PhoneOptions = {}): Promise<Phone> {
    const seed = 100 + this.phones.length;
    const {
      fetch = this.server.fetch,
      socket,
      lock,
      kinds = [definitions.weight, definitions.meal],
      beforeSignIn = true,
    } = options;
    const runtime = new TestRuntime(fetch, this.time + skew, seed, socket, lock);
    this.phones.push({ runtime, skew });
    const hale = await createClient({
      url: 'http://hale.test',
      storage,
      kinds,
      runtime,
      beforeSignIn,
    });
    return { hale, runtime, storage };
  }

  /** Moves all clocks forward without running any timer. */
  pass(milliseconds: number): void {
    this.time += milliseconds;
    for (const { runtime } of this.phones) runtime.setClock(runtime.now() + milliseconds);
  }
}

/** The records that a phone shows, by id. */
export async function shown({ hale }: Phone): Promise<Record<string, number>> {
  const items = await hale.records('weight').list();
  return Object.fromEntries(items.map(({ id, fields }) => [id, fields.weight_value]));
}
