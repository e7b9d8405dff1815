import type { Random } from '../support/random.js';
import { crashAndReturn, enterOffline, loseAnAnswer } from './begin.js';
import { Cast, type Account } from './cast.js';
import { InputError, type Person } from './measurement.js';
import { decide, editApart, meet, poke } from './meet.js';
import type { Narrator } from './narrator.js';
import type { Phone } from './phone.js';
import { compare, copyOnPhone, copyOnService, type Proof } from './proof.js';
import { Scene } from './scene.js';
import type { ThrowAwayService } from './service.js';

/** The result of a story. */
export interface Ending {
  readonly person: Person;
  readonly account: Account;
  readonly phones: readonly Phone[];
  readonly proof: Proof;
  readonly duplicates: number;
  readonly conflicts: number;
  /** Descriptions of the failed checks. */
  readonly problems: readonly string[];
}

/** Plays the story of one person with three phones, and a fourth one at the end. */
export async function play(
  person: Person,
  service: ThrowAwayService,
  random: Random,
  narrator: Narrator,
): Promise<Ending> {
  try {
    return await new Story(await Cast.open(person, new Scene(narrator), service, random)).play();
  } catch (error) {
    const text = `${person.name}: ${(error as Error).message}`;
    throw error instanceof InputError ? new InputError(text) : new Error(text, { cause: error });
  }
}

class Story {
  constructor(private readonly cast: Cast) {}

  async play(): Promise<Ending> {
    const { cast } = this;
    await enterOffline(cast);
    const duplicates = await loseAnAnswer(cast);
    await crashAndReturn(cast);
    await poke(cast);
    const apart = await editApart(cast);
    await meet(cast, apart);
    const conflicts = await decide(cast, apart);
    const fresh = await this.fourthPhoneJoins();
    const phones = [...cast.phones, fresh];
    const proof = await this.prove(phones);
    const { person, account, scene } = cast;
    const problems = [...scene.problems, ...proof.differences];
    return { person, account, phones, proof, duplicates, conflicts, problems };
  }

  private async fourthPhoneJoins(): Promise<Phone> {
    const { account, scene } = this.cast;
    const phone = await this.cast.fourthPhone();
    scene.step('A fourth phone signs in for the first time. Its first answer ends in the middle.');
    await phone.hale.login(account);
    void phone.network.cutNextResponse('/api/sync/pull');
    const unwatch = scene.watch(phone);
    phone.goOnline();
    await phone.untilUpToDate();
    unwatch();
    scene.tell(phone);
    scene.note(
      'it discarded the incomplete answer, requested it again, and has the same records as the others',
    );
    return phone;
  }

  private async prove(phones: readonly Phone[]): Promise<Proof> {
    const { scene } = this.cast;
    await this.cast.untilEqual();
    const [first, ...others] = await Promise.all(phones.map(({ name, hale }) => copyOnPhone(name, hale)));
    for (const { name, hale } of phones) {
      const { pendingCount, conflicts } = hale.status.value;
      scene.expect(
        pendingCount + conflicts === 0,
        `${name} has ${pendingCount} edits, ${conflicts} conflicts`,
      );
    }
    const [phone] = phones;
    if (!first || !phone) throw new Error('no phone takes part');
    return compare(first, ...others, await copyOnService(phone.hale));
  }
}
