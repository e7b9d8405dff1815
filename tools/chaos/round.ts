import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startFaultProxy } from '../support/fault-proxy.js';
import { type Random, seededRandom } from '../support/random.js';
import { Actor } from './actions.js';
import { differences, digestDifferences, endingOf, freshClient, shownBy } from './compare.js';
import { Counts } from './counts.js';
import { Fleet } from './fleet.js';
import { Ledger } from './ledger.js';
import { lossesOf } from './loss.js';
import { type Account, Phone } from './phone.js';

export interface RoundOptions {
  readonly databaseUrl: string;
  /** Number of processes of the service, on one database. */
  readonly processes: number;
  readonly seed: number;
  /** Devices of the first account; the second account has one more. */
  readonly phones: number;
  /** Number of actions per device. */
  readonly actions: number;
  readonly kills: number;
}

export interface RoundReport {
  readonly counts: Counts;
  /** Empty if the round passed. */
  readonly problems: readonly string[];
}

/** An account with the actions and answers of its devices. */
interface Person {
  readonly account: Account;
  readonly phones: Phone[];
  readonly ledger: Ledger;
}

/** P12: after the faults stop, all devices must be equal after this many runs. */
const MOST_CYCLES = 3;
const STRETCH = 30;
const REQUESTS_BETWEEN_KILLS = 40;
const MOST_MS_BEFORE_KILL = 12;

/** Plays a round: devices, a bad network and a service that is killed, until nothing is pending; then compares everything. */
export async function playRound(options: RoundOptions): Promise<RoundReport> {
  const directory = mkdtempSync(join(tmpdir(), 'hale-chaos-'));
  const fleet = await Fleet.start(options.databaseUrl, options.processes);
  const round = new Round(options, fleet, directory);
  try {
    return await round.play();
  } finally {
    await round.close();
    await fleet.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

class Round {
  private readonly counts = new Counts();
  private readonly people: Person[] = [];
  private readonly problems: string[] = [];
  private readonly random: Random;
  /** The last kill, including the restart. */
  private killing: Promise<void> = Promise.resolve();
  private untilKill = 0;
  private kills = 0;
  private devices = 0;

  constructor(
    private readonly options: RoundOptions,
    private readonly fleet: Fleet,
    private readonly directory: string,
  ) {
    this.random = seededRandom(options.seed);
    fleet.moved = (place) => {
      for (const { options: phone } of this.phones)
        if (phone.place === place) phone.network.retarget(fleet.port(place));
    };
  }

  async play(): Promise<RoundReport> {
    await this.join('ada', this.options.phones);
    await this.join('bob', 1);
    this.plan();
    await this.live();
    this.kills = Infinity;
    await this.killing;
    await this.drain();
    for (const person of this.people) await this.compare(person);
    if (/\binternal\b/.test(this.fleet.log())) this.problems.push('the service wrote `internal` in its log');
    for (const { ledger } of this.people) {
      this.problems.push(...ledger.problems);
      this.counts.add('acks', ledger.acknowledged.size);
    }
    return { counts: this.counts, problems: this.problems };
  }

  async close(): Promise<void> {
    for (const phone of this.phones) {
      await phone.close();
      await phone.options.network.close();
    }
  }

  private get phones(): Phone[] {
    return this.people.flatMap(({ phones }) => phones);
  }

  private async join(name: string, phones: number): Promise<void> {
    const account = {
      email: `${name}-${randomBytes(4).toString('hex')}@example.org`,
      password: 'correct horse battery staple',
    };
    const person: Person = { account, phones: [], ledger: new Ledger() };
    this.people.push(person);
    for (let index = 0; index < phones; index++) {
      const place = index % this.fleet.size;
      const phone = new Phone({
        device: this.devices++,
        directory: this.directory,
        network: await startFaultProxy(this.fleet.port(place)),
        random: seededRandom(this.random() * 2 ** 32),
        ledger: person.ledger,
        onRequest: () => this.countDown(),
        isLive: index === 0,
        place,
      });
      person.phones.push(phone);
      await phone.open();
      await phone.signIn(account, index === 0);
    }
  }

  /** Alternates between independent actions and a phase in which all devices act at once. */
  private async live(): Promise<void> {
    const { seed, actions } = this.options;
    const actors = this.phones.map(
      (phone) => new Actor(phone, this.fleet, this.counts, seededRandom(seed + phone.options.device)),
    );
    for (const actor of actors) actor.setClock();
    for (let done = 0; done < actions; done += STRETCH) {
      await this.all(actors.map((actor) => actor.act(STRETCH)));
      await this.all(actors.map((actor) => actor.burst()));
    }
  }

  /** A failure of one does not end the others. */
  private async all(lives: readonly Promise<void>[]): Promise<void> {
    for (const life of await Promise.allSettled(lives))
      if (life.status === 'rejected') this.problems.push(`a device failed: ${textOf(life.reason)}`);
  }

  private plan(): void {
    this.untilKill = 5 + Math.floor(this.random() * REQUESTS_BETWEEN_KILLS);
  }

  /** Plans the next kill at a random point in the processing of a request. */
  private countDown(): void {
    this.counts.add('requests');
    if (--this.untilKill !== 0 || this.kills >= this.options.kills) return;
    this.kills++;
    const place = Math.floor(this.random() * this.fleet.size);
    const delay = this.random() * MOST_MS_BEFORE_KILL;
    this.killing = pause(delay)
      .then(() => this.fleet.kill(place))
      .then(() => this.counts.add('kills'))
      .catch((error: unknown) => void this.problems.push(`the service did not come back: ${textOf(error)}`))
      .finally(() => this.plan());
  }

  private async drain(): Promise<void> {
    for (const { options } of this.phones) options.network.heal();
    // Refusals up to now are first refusals, so the person handles them once.
    for (const phone of this.phones) {
      await phone.hale.sync();
      for (const refused of await phone.hale.needsAttention.list()) await phone.discard(refused);
    }
    for (let cycle = 1; cycle <= MOST_CYCLES; cycle++) {
      this.counts.add('cycles');
      for (const { hale } of this.phones) await hale.sync();
      const waiting = this.phones.filter(({ hale }) => !hale.status.value.upToDate);
      if (waiting.length === 0) break;
      if (cycle === MOST_CYCLES)
        for (const { hale, options } of waiting)
          this.problems.push(`device ${options.device} is not done: ${JSON.stringify(hale.status.value)}`);
    }
    // All devices have sent their edits; now each receives those of the others.
    for (const { hale } of this.phones) await hale.sync();
  }

  private async compare({ account, phones, ledger }: Person): Promise<void> {
    const fresh = await freshClient(this.fleet.url(0), account);
    const expected = await shownBy(fresh);
    for (const { hale, options } of phones) {
      const name = `device ${options.device}`;
      this.problems.push(...differences(name, await shownBy(hale), expected));
      this.problems.push(...(await digestDifferences(name, hale)));
    }
    this.problems.push(...(await digestDifferences('fresh', fresh)));
    const ending = await endingOf(fresh);
    this.counts.add('conflicts', ending.conflicts.length);
    this.counts.add('records', ending.live.size);
    this.problems.push(...lossesOf(ledger, ending));
    await fresh.close();
  }
}

const textOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
