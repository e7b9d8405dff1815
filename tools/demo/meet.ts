import { setTimeout as wait } from 'node:timers/promises';
import type { Item, MealFields, WeightFields } from '@hale/client';
import type { Cast } from './cast.js';
import { meal, NOTED, RENAMED } from './meals.js';
import { InputError, shown } from './measurement.js';
import type { Phone } from './phone.js';
import type { Weight } from './scene.js';
import { day } from './wording.js';

/** Pause between two edits, so that their order is certain although the clocks are compared over a network. */
const LATER_MS = 700;

/** The edits that were made independently. */
interface Apart {
  readonly weight: Weight;
  readonly byA: WeightFields;
  readonly byB: WeightFields;
  readonly lunch: string;
}

export async function poke({ phones, scene, today }: Cast): Promise<void> {
  const [a, ...others] = phones;
  await Promise.all(phones.map((phone) => phone.untilHearing()));
  scene.step('The person enters a snack on phone A. The service notifies B and C by WebSocket.');
  const requests = others.map((phone) => phone.requests);
  const id = await a.hale.records('meal').create(meal('snack', today));
  const times = await Promise.all(others.map((phone) => untilShown(phone, id)));
  const told = others.map(({ name }, index) => `on ${name} after ${times[index]} ms`);
  scene.note(told.join(', '));
  scene.note(
    'up to 500 ms of this are a random delay, so that not all phones send requests at the same moment',
  );
  const asked = others.every((phone, index) => phone.requests > (requests[index] ?? 0));
  scene.expect(asked, 'a phone shows the snack without a request');
}

const untilShown = (phone: Phone, id: string): Promise<number> =>
  phone.until('the snack has arrived', async (hale) => (await hale.records('meal').get(id)) !== undefined);

export async function editApart(cast: Cast): Promise<Apart> {
  const { phones, scene } = cast;
  const [a, b, c] = phones;
  await cast.untilEqual();
  for (const phone of phones) phone.goOffline();
  const weights = (await a.hale.records('weight').list()).filter(({ version }) => version !== undefined);
  const [weight, second] = weights.toSorted((one, other) => timeOf(other) - timeOf(one));
  const meals: Item<MealFields, MealFields>[] = await a.hale.records('meal').list();
  const lunch = meals.find(({ fields }) => fields.meal_type === 'lunch');
  if (!lunch) throw new Error('the lunch is missing');
  if (!weight) throw new InputError('the service accepts none of these weights');

  scene.step('All three are offline again, and edit the same records.');
  const byA = await scene.correct(a, weight, 0.4);
  await a.hale.records('meal').update(lunch.id, { title: RENAMED });
  scene.note(`${a.name}  title of the lunch: ${lunch.fields.title} → ${RENAMED}`);
  await wait(LATER_MS);
  const byB = await scene.correct(b, weight, 1.4);
  await b.hale.records('meal').update(lunch.id, { note: NOTED });
  scene.note(`${b.name}  note on the lunch: ${NOTED}`);
  if (second) await scene.delete(c, second);
  await scene.addInPounds(c, weight);
  return { weight, byA, byB, lunch: lunch.id };
}

const timeOf = ({ fields }: Weight): number => Date.parse(fields.timestamp);

export async function meet(cast: Cast, apart: Apart): Promise<void> {
  const { phones, scene } = cast;
  scene.step('They come online one after the other. Edits of different parts are merged.');
  for (const phone of phones) {
    phone.news();
    phone.goOnline();
    await phone.untilUpToDate();
    scene.tell(phone);
  }
  await cast.untilEqual();
  await Promise.all(phones.map((phone) => phone.until('one open conflict', (hale) => openOn(hale, 1))));
  await expectMerged(cast, apart);
  await expectKept(cast, apart);
}

const openOn = async (hale: Phone['hale'], count: number): Promise<boolean> =>
  (await hale.conflicts.list()).length === count && hale.status.value.conflicts === count;

async function expectMerged({ phones, scene }: Cast, { lunch }: Apart): Promise<void> {
  for (const { name, hale } of phones) {
    const { title, note } = (await hale.records('meal').get(lunch))?.fields ?? {};
    scene.expect(title === RENAMED && note === NOTED, `${name} has lunch "${title}", "${note}"`);
  }
  scene.note("the lunch has A's title and B's note on all three phones: no edit overwrote another");
}

/** The later edit wins, also from a phone whose clock is slow; the other one is kept completely. */
async function expectKept({ phones, scene }: Cast, { weight, byA, byB }: Apart): Promise<void> {
  for (const { name, hale } of phones) {
    const [conflict] = await hale.conflicts.list();
    const { current, other } = conflict ?? {};
    const [held, kept] = [current, other].map(valueOf);
    scene.expect(
      held === byB.weight_value && kept === byA.weight_value,
      `${name} keeps ${held} and ${kept} instead of ${byB.weight_value} and ${byA.weight_value}`,
    );
  }
  scene.note(`conflict on the weight of ${day(weight.fields.timestamp)}, on all three phones:`);
  scene.note(`  B's ${shown(byB)} is the later edit and takes effect, although the clock of B is slow;`);
  scene.note(`  A's ${shown(byA)} is kept as a conflict until a person decides`);
}

const valueOf = (side?: { readonly data: unknown } | null): number | undefined =>
  (side?.data as Partial<WeightFields> | null | undefined)?.weight_value;

/** @returns the number of conflicts. */
export async function decide({ phones, scene }: Cast, { weight, byA }: Apart): Promise<number> {
  const [, , c] = phones;
  scene.step('The person decides on phone C, which made neither edit: A was right.');
  const open = await c.hale.conflicts.list();
  for (const { id } of open)
    scene.expect(await c.hale.conflicts.resolve(id, 'use_other'), 'another device resolved the conflict');
  await Promise.all(phones.map((phone) => phone.until('no open conflict', (hale) => openOn(hale, 0))));
  for (const phone of phones)
    await phone.until(`the weight is ${shown(byA)}`, async (hale) => {
      const held = await hale.records('weight').get(weight.id);
      return held?.fields.weight_value === byA.weight_value;
    });
  const counts = phones.map(({ hale }) => hale.status.value.conflicts);
  scene.note(
    `${shown(byA)} takes effect; the conflict is resolved on all phones: ${counts.join(', ')} open on A, B and C`,
  );
  return open.length;
}
