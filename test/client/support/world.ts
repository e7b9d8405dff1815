import { createClient, type Hale } from '../../../clients/typescript/src/hale.js';
import type { WeightFields } from '../../../clients/typescript/src/kinds.js';
import type { Runtime, SocketFactory } from '../../../clients/typescript/src/runtime.js';
import { MemoryStorage } from '../../../clients/typescript/src/storage/memory.js';
import type { Storage } from '../../../clients/typescript/src/storage/storage.js';
import { ReferenceServer } from './server.js';
import { TestRuntime } from './runtime.js';

export const weight = (value: number): WeightFields => ({
  weight_value: value,
  unit: 'kg',
  timestamp: '2026-02-28T07:00:00.000Z',
});

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
  /** Shared with the other tabs of a browser. */
  readonly lock?: Runtime['lock'];
  readonly kinds?: readonly string[];
}

/** One server, and phones with clocks of their own. */
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
    const { fetch = this.server.fetch, socket, lock, kinds = ['weight', 'meal'] } = options;
    const runtime = new TestRuntime(fetch, this.time + skew, seed, socket, lock);
    this.phones.push({ runtime, skew });
    const hale = await createClient({ url: 'http://hale.test', storage, kinds, runtime });
    return { hale, runtime, storage };
  }

  /** Time passes for everybody; nothing falls due. */
  pass(milliseconds: number): void {
    this.time += milliseconds;
    for (const { runtime } of this.phones) runtime.setClock(runtime.now() + milliseconds);
  }
}

/** What a phone shows, by id. */
export async function shown({ hale }: Phone): Promise<Record<string, number>> {
  const items = await hale.records('weight').list();
  return Object.fromEntries(items.map(({ id, fields }) => [id, fields.weight_value]));
}
