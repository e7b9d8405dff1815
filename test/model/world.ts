import { EMPTY_DIGEST, moveDigest } from '../../src/records/merge/digest.js';
import { Client } from './client.js';
import { Ledger } from './ledger.js';
import { type Fault, Network } from './network.js';
import { Properties, require } from './properties.js';
import type { Rules } from './rules.js';
import { Server } from './server.js';
import { type Backup, changeOf, type Row } from './server-state.js';
import { GROUPS } from './wire.js';
import type { Write } from './writes.js';

/** How long the service keeps the result of a mutation. Older backups of phones are not restored. */
const MUTATION_RETENTION = 200;
const MOST_CYCLES = 10;
const MOST_REQUESTS = 400;

export type Step =
  | {
      readonly type: 'write';
      readonly client: number;
      readonly op: 'create' | 'update' | 'delete' | 'revive';
      readonly pick: number;
      readonly groups: number;
    }
  | { readonly type: 'request'; readonly client: number; readonly fault: Fault }
  | { readonly type: 'sync'; readonly client: number }
  | { readonly type: 'deliver'; readonly pick: number }
  | { readonly type: 'wait'; readonly time: number }
  | { readonly type: 'clock'; readonly client: number; readonly skew: number }
  | { readonly type: 'forget' }
  | { readonly type: 'purge' }
  | { readonly type: 'backup' }
  | { readonly type: 'restore'; readonly pick: number }
  | { readonly type: 'phone-backup'; readonly client: number }
  | { readonly type: 'phone-restore'; readonly client: number };

interface PhoneBackup {
  readonly at: number;
  readonly state: ReturnType<Client['snapshot']>;
}

/** Some phones, a server, and a bad network between them. */
export class World {
  private time = 1_000;
  private count = 0;
  private readonly ledger: Ledger;
  private readonly clients: Client[] = [];
  private readonly skews: number[] = [];
  private readonly backups: Backup[] = [];
  private readonly phones = new Map<number, PhoneBackup>();
  private readonly properties: Properties;
  private readonly server: Server;
  private readonly network: Network;

  constructor(
    private readonly rules: Rules,
    skews: readonly number[],
  ) {
    this.properties = new Properties(rules, () => this.server.state.rows.values());
    this.ledger = new Ledger(this.properties.reborn);
    this.server = new Server(rules, () => this.time, this.properties);
    this.network = new Network(this.server);
    for (const skew of skews) this.join(skew);
    this.backups.push(this.server.backup());
  }

  do(step: Step): void {
    switch (step.type) {
      case 'write':
        return this.write(step.client, step.op, step.pick, step.groups);
      case 'request':
        return void this.network.step(this.clients[step.client]!, step.fault);
      case 'sync':
        return this.sync(this.clients[step.client]!);
      case 'deliver':
        return this.network.deliver(step.pick);
      case 'wait':
        this.time += step.time;
        return;
      case 'clock':
        this.skews[step.client] = step.skew;
        return;
      default:
        return this.operate(step);
    }
  }

  private operate(step: Step): void {
    switch (step.type) {
      case 'forget':
        this.server.forget(this.time - MUTATION_RETENTION);
        return;
      case 'purge':
        this.server.purge(this.server.state.seq);
        this.ledger.hasForgotten = true;
        return;
      case 'backup':
        this.backups.push(this.server.backup());
        return;
      case 'restore':
        this.ledger.hasForgotten = true;
        this.ledger.hasRestored = true;
        // Stamps run ahead of the clock by a millisecond for each push in the same one. A restore takes longer than that, so
        // the restored server does not give earlier times than before.
        this.time = Math.max(this.time, this.server.state.stamp);
        this.server.restore(this.backups[step.pick % this.backups.length]!);
        return;
      case 'phone-backup':
        this.phones.set(step.client, { at: this.time, state: this.clients[step.client]!.snapshot() });
        return;
      case 'phone-restore':
        return this.restorePhone(step.client);
      default:
    }
  }

  /** Repairs the network, syncs all phones until no outbox has edits, and checks the final state. */
  heal(): void {
    this.network.deliverAll();
    let cycles = 0;
    do {
      require(cycles < MOST_CYCLES, 'P12', () => `an outbox is not empty after ${cycles} cycles`);
      for (const client of this.clients) this.sync(client);
      cycles += 1;
    } while (cycles < 3 || this.clients.some(({ waiting }) => waiting > 0));
    this.checkConvergence();
    this.ledger.check(this.server.state.rows, this.properties.kept);
    this.checkReplay();
  }

  private join(skew: number): Client {
    const index = this.clients.length;
    this.skews.push(skew);
    const client = new Client(this.rules, {
      clock: () => this.time + this.skews[index]!,
      unique: () => ++this.count,
      made: (mutation, origin) => void this.properties.origins.set(mutation, origin),
    });
    this.clients.push(client);
    return client;
  }

  private write(index: number, op: string, pick: number, groups: number): void {
    const client = this.clients[index]!;
    const ids = client.ids(op === 'revive' ? 'deleted' : 'shown');
    if (op !== 'create' && ids.length === 0) return;
    const id = op === 'create' ? `r${++this.count}` : ids[pick % ids.length]!;
    const isWhole = op === 'create' || op === 'revive';
    const write: Write = {
      id,
      op: isWhole ? 'create' : (op as Write['op']),
      token: `w${++this.count}`,
      groups: isWhole ? GROUPS : GROUPS.filter((_, place) => (groups >> place) & 1),
      claimed: this.time + this.skews[index]!,
      known: client.seen,
      revives: op === 'revive',
      acked: undefined,
      history: 0,
      stamps: new Map(),
    };
    this.ledger.writes.push(write);
    client.write(write);
  }

  private sync(client: Client): void {
    for (let requests = 0; requests === 0 || !client.isIdle; requests += 1) {
      require(requests < MOST_REQUESTS, 'P12', () => 'a cycle does not end');
      this.network.step(client, 'none');
    }
  }

  /** Restores a phone from its backup, with its old client id. Edits that it had not sent are lost. */
  private restorePhone(index: number): void {
    const backup = this.phones.get(index);
    if (!backup || this.time - backup.at > MUTATION_RETENTION) return;
    this.network.hangUp(this.clients[index]!);
    this.clients[index]!.restore(backup.state);
  }

  // Checks of the final state

  private get rows(): readonly Row[] {
    return [...this.server.state.rows.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** P3: all phones, a new phone and the server have the same records. */
  private checkConvergence(): void {
    const fresh = this.join(0);
    this.sync(fresh);
    const live = this.rows.filter(({ state }) => !state.deleted);
    const expected = Object.fromEntries(live.map((row) => [row.id, [row.state.version, changeOf(row).data]]));
    for (const client of this.clients) {
      const [held, wanted] = [JSON.stringify(client.live()), JSON.stringify(expected)];
      require(held === wanted, 'P3', () => `${client.clientId} holds ${held}, the server ${wanted}`);
    }
    const digest = Object.entries(fresh.live()).reduce(
      (sum, [id, [version]]) => moveDigest(sum, id, undefined, version, 0),
      EMPTY_DIGEST,
    );
    const { count, sum } = this.server.state.digest;
    require(digest.count === count && digest.sum === sum, 'P3', () => 'the digests differ');
  }

  /** P5: repeating every push changes nothing, both while its result is stored and after it was forgotten. */
  private checkReplay(): void {
    const before = JSON.stringify(this.rows);
    for (const round of [1, 2]) {
      for (const request of this.network.pushed)
        if (request.epoch === this.server.state.epoch) this.server.answer(request);
      require(JSON.stringify(this.rows) === before, 'P5', () => `a replay changed something, round ${round}`);
      this.server.forget(Infinity);
    }
  }
}
