import { randomBytes, randomUUID } from 'node:crypto';
import type { FaultProxy } from '../support/fault-proxy.js';
import type { Random } from '../support/random.js';
import { inKilograms, shown, type Measurement, type Person } from './measurement.js';
import type { Narrator } from './narrator.js';
import { Phone } from './phone.js';
import { compare, type Copy, type KnownEntry, type Proof } from './proof.js';
import { Scene } from './scene.js';
import type { PushedEntry } from './wire.js';
import { clock, counted, day } from './wording.js';

/** How a story ended. */
export interface Ending {
  readonly person: Person;
  readonly phone: Phone;
  readonly proof: Proof;
  readonly duplicates: number;
  readonly conflicts: number;
  /** What should not have happened, in words. */
  readonly problems: readonly string[];
}

/** Opens a network of one phone's own, so that each can be offline by itself. */
export type OpenNetwork = () => Promise<FaultProxy>;

/** Plays the story of one person with two phones. */
export async function play(
  person: Person,
  openNetwork: OpenNetwork,
  random: Random,
  narrator: Narrator,
): Promise<Ending> {
  const story = new Story(person, await openNetwork(), await openNetwork(), random, new Scene(narrator));
  return story.play();
}

class Story {
  private readonly a: Phone;
  private readonly b: Phone;
  private readonly account = {
    email: `${randomUUID()}@example.com`,
    password: randomBytes(18).toString('base64url'),
  };

  constructor(
    private readonly person: Person,
    private readonly networkA: FaultProxy,
    private readonly networkB: FaultProxy,
    random: Random,
    private readonly scene: Scene,
  ) {
    this.a = new Phone(networkA.url, deviceOf('A'), random);
    this.b = new Phone(networkB.url, deviceOf('B'), random);
  }

  async play(): Promise<Ending> {
    this.importOffline();
    const duplicates = await this.syncAndLoseAnAnswer();
    await this.secondPhoneJoins();
    const conflicts = await this.changeOnBoth();
    const proof = await this.prove();
    const { person, a: phone, scene } = this;
    return {
      person,
      phone,
      proof,
      duplicates,
      conflicts,
      problems: [...scene.problems, ...proof.differences],
    };
  }

  private importOffline(): void {
    const { a, scene, person } = this;
    this.networkA.refuse(true);
    scene.step(`Phone A is offline and imports ${counted(person.measurements.length, 'measurement')}.`);
    const importedAt = scene.now();
    for (const measurement of person.measurements) a.store.add(measurement, importedAt);
    scene.note(`on the phone: ${a.store.visible().length}, in its outbox: ${a.store.pending}`);
    scene.note(`requests sent: ${a.api.requests}`);
  }

  private async syncAndLoseAnAnswer(): Promise<number> {
    const { a, scene } = this;
    scene.step('Phone A goes online, registers and syncs. One answer gets lost on its way.');
    this.networkA.refuse(false);
    await a.register(this.account);
    let lost = 'no answer';
    void this.networkA.dropNextResponse().then((firstLine) => {
      lost = firstLine;
      scene.note(`the service has committed and answers "${lost}": swallowed, line cut`);
    });
    const report = await a.sync(scene.watcher());
    scene.tell(report);
    scene.expect(lost.includes(' 200'), `"${lost}" was lost instead of a success`);
    this.tellRefused();
    await this.expectNothingDoubled(report.pushed.duplicate ?? 0);
    return report.pushed.duplicate ?? 0;
  }

  private tellRefused(): void {
    for (const { entry, rejection } of this.a.store.attention)
      this.scene.note(`refused: ${entry.timestamp} ${shown(entry)}: ${rejection.message}`);
  }

  /** The service lists every accepted measurement once, value and unit as entered. */
  private async expectNothingDoubled(duplicates: number): Promise<void> {
    const { a, scene, person } = this;
    const refused = a.store.attention.map(({ entry }) => entry);
    const listed = await a.api.list();
    const imported = { holder: 'the import', entries: contentOf(person.measurements) };
    const { differences } = compare(imported, {
      holder: 'service',
      entries: contentOf([...listed, ...refused]),
    });
    const verdict = differences.length === 0 ? ': nothing lost, nothing doubled, all as entered' : '';
    scene.note(`the service lists ${listed.length}${verdict}`);
    for (const difference of differences) scene.expect(false, `after the first sync ${difference}`);

    const repeated = Math.min(100, person.measurements.length) - refused.length;
    scene.expect(
      duplicates >= repeated,
      `${duplicates} of ${repeated} repeated entries came back as duplicate`,
    );
  }

  private async secondPhoneJoins(): Promise<void> {
    const { b, scene } = this;
    scene.step('Phone B signs in to the same account; its network fails twice.');
    await b.login(this.account);
    this.networkB.refuse(true);
    const report = await b.sync(
      scene.watcher(({ number }) => {
        if (number === 2) this.networkB.refuse(false);
      }),
    );
    scene.tell(report);
  }

  /** The newest entries are changed; with few entries there are fewer changes. */
  private async changeOnBoth(): Promise<number> {
    const { a, b, scene } = this;
    const [newest, second, third] = a.store
      .visible()
      .filter((entry) => entry.server_id)
      .toReversed();
    if (!newest) return 0;
    const requests = a.api.requests;
    this.networkA.refuse(true);

    scene.step('Phone A is offline again; an entry is corrected on it.');
    const loser = scene.edit(a.store, newest, 0.4);

    scene.step('Phone B corrects the same entry later, and changes others. It syncs.');
    const winner = scene.edit(b.store, this.onB(newest), 0.3);
    if (second) scene.edit(b.store, this.onB(second), 0.2);
    if (third) scene.delete(b.store, this.onB(third));
    scene.addInPounds(b.store, newest, inKilograms(winner) - 0.2);
    scene.tell(await b.sync(scene.watcher()));

    if (second) scene.step('Phone A, still offline, corrects an entry after B did.');
    const last = second && scene.edit(a.store, second, 0.5);
    scene.expect(a.api.requests === requests, 'phone A sent a request while it was offline');

    const conflicts = await this.meet(loser, winner, last);
    this.expectOutcome(winner, last, third);
    return conflicts;
  }

  private onB(entry: PushedEntry): PushedEntry {
    const same = this.b.store.byServerId(entry.server_id ?? '');
    if (!same) throw new Error(`Phone B does not know the entry of ${entry.timestamp}.`);
    return same;
  }

  private async meet(loser: PushedEntry, winner: PushedEntry, last?: PushedEntry): Promise<number> {
    const { a, b, scene } = this;
    scene.step('Phone A goes online and syncs: the last edit wins, whichever comes first.');
    this.networkA.refuse(false);
    const report = await a.sync(scene.watcher());
    scene.tell(report);
    for (const { reason, resolution } of report.conflicts) {
      scene.note(`conflict on the entry of ${day(winner.timestamp)} (${reason}, ${resolution}):`);
      scene.note(`  ${edited('A', loser)}, ${edited('B', winner)}: B's stays`);
    }
    if (last)
      scene.note(`on the entry of ${day(last.timestamp)} A's edit was the last: ${shown(last)} stays`);
    scene.expect(report.conflicts.length === 1, `${report.conflicts.length} conflicts instead of 1`);

    scene.step('Phone B syncs again.');
    scene.tell(await b.sync(scene.watcher()));
    return report.conflicts.length;
  }

  private expectOutcome(
    winner: PushedEntry,
    last: PushedEntry | undefined,
    deleted: PushedEntry | undefined,
  ): void {
    for (const phone of [this.a, this.b]) {
      const holds = (entry: PushedEntry): boolean =>
        phone.store.byServerId(entry.server_id ?? '')?.weight_value === entry.weight_value;
      this.scene.expect(holds(winner), `a phone does not hold the last edit, ${shown(winner)}`);
      if (last) this.scene.expect(holds(last), `a phone does not hold the last edit, ${shown(last)}`);
      if (deleted) this.scene.expect(!holds(deleted), 'a phone still holds the deleted entry');
    }
  }

  private async prove(): Promise<Proof> {
    const listed = await this.a.api.list();
    return compare(copyOf('phone A', this.a), copyOf('phone B', this.b), {
      holder: 'service',
      entries: listed,
    });
  }
}

const deviceOf = (name: string) => ({
  device_id: randomUUID(),
  device_name: `Demo phone ${name}`,
  platform: 'android',
});

const edited = (phone: string, entry: PushedEntry): string =>
  `${phone} ${shown(entry)} at ${clock(entry.modified_at)}`;

/** Entries by their content only: what was imported has no id yet. */
const contentOf = (entries: readonly Measurement[]): KnownEntry[] =>
  entries.map(({ timestamp, weight_value, unit }) => ({ timestamp, weight_value, unit, id: '', version: 0 }));

/** Entries the service refused stay on the phone that made them, for its owner to put right. */
function copyOf(holder: string, phone: Phone): Copy {
  const refused = new Set(phone.store.attention.map(({ entry }) => entry.local_id));
  const entries = phone.store.visible().filter((entry) => !refused.has(entry.local_id));
  const known = entries.map((entry) => ({
    ...entry,
    id: entry.server_id ?? entry.local_id,
    version: entry.version ?? 0,
  }));
  return { holder, entries: known };
}
