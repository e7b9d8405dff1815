import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Random } from '../support/random.js';
import type { Person } from './measurement.js';
import { Phone } from './phone.js';
import { linesOnPhone } from './proof.js';
import type { Scene } from './scene.js';
import type { ThrowAwayService } from './service.js';

const THREE_HOURS_MS = 3 * 60 * 60 * 1000;
const LOOK_EVERY_MS = 50;
const LOOKS = 400;

export interface Account {
  readonly email: string;
  readonly password: string;
}

/** A person, an account, and the phones that share it. */
export class Cast {
  readonly account: Account = {
    email: `${randomUUID()}@example.com`,
    password: randomBytes(18).toString('base64url'),
  };
  /** The last day with a measurement, on which the story takes place. */
  readonly today: string;

  private constructor(
    readonly person: Person,
    readonly scene: Scene,
    readonly phones: readonly [a: Phone, b: Phone, c: Phone],
    private readonly newPhone: (name: string) => Promise<Phone>,
  ) {
    const instants = person.measurements.map(({ timestamp }) => Date.parse(timestamp));
    const last = instants.reduce((one, other) => Math.max(one, other), 0);
    this.today = new Date(last).toISOString();
  }

  static async open(person: Person, scene: Scene, service: ThrowAwayService, random: Random): Promise<Cast> {
    const { directory } = service;
    const newPhone = async (name: string, clockMs = 0): Promise<Phone> => {
      const network = await service.openNetwork();
      const phone = await Phone.open({ name, directory, network, random, clockMs });
      service.atEnd(() => phone.close());
      return phone;
    };
    const phones = [await newPhone('A'), await newPhone('B', -THREE_HOURS_MS), await newPhone('C')] as const;
    return new Cast(person, scene, [...phones], newPhone);
  }

  /** A phone that has never used the account. */
  fourthPhone(): Promise<Phone> {
    return this.newPhone('D');
  }

  /** Waits until the phones are equal, without asking them to sync. */
  async untilEqual(): Promise<void> {
    for (let looks = 0; looks < LOOKS; looks += 1) {
      if (this.phones.every(({ hale }) => hale.status.value.upToDate) && (await this.areEqual())) return;
      await wait(LOOK_EVERY_MS);
    }
    this.scene.expect(false, 'the phones did not become equal');
  }

  private async areEqual(): Promise<boolean> {
    const copies = await Promise.all(this.phones.map(({ hale }) => linesOnPhone(hale)));
    return new Set(copies.map((lines) => lines.join('\n'))).size === 1;
  }
}
