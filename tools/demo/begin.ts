import { HaleError } from '@hale/client';
import { shown, type Measurement } from './measurement.js';
import { meal } from './meals.js';
import type { Cast } from './cast.js';
import { copyOnPhone, copyOnService, without } from './proof.js';
import type { Phone } from './phone.js';
import { counted } from './wording.js';

const MEALS = ['breakfast', 'lunch', 'dinner'] as const;
const PUSH = '/api/sync/push';

/** All phones have signed in once; then the network is gone, and they are used offline. */
export async function enterOffline(cast: Cast): Promise<void> {
  const { account, phones, scene, person } = cast;
  const [a, ...others] = phones;
  await a.hale.register(account);
  await Promise.all(others.map((phone) => phone.hale.login(account)));
  for (const phone of phones) phone.goOnline();
  await Promise.all(phones.map((phone) => phone.untilUpToDate()));
  for (const phone of phones) phone.goOffline();

  scene.step('Phones A, B and C share an account. There is no network, and the person uses them offline.');
  const requests = requestsOf(phones);
  for (const [index, phone] of phones.entries()) {
    const own = person.measurements.filter((_, place) => place % phones.length === index);
    for (const measurement of own) await enter(phone, measurement, scene);
    await phone.hale.records('meal').create(meal(MEALS[index] ?? 'snack', cast.today));
    const clock = phone === cast.phones[1] ? ' (its clock is three hours slow)' : '';
    scene.note(`${phone.name}  ${counted(own.length, 'weight')} and 1 meal wait in its outbox${clock}`);
  }
  scene.note(`requests sent in the meantime: ${requestsOf(phones) - requests}`);
  scene.expect(requestsOf(phones) === requests, 'a phone sent a request while it was offline');
}

/** The client stores nothing that the service would refuse. */
async function enter(phone: Phone, measurement: Measurement, scene: Cast['scene']): Promise<void> {
  try {
    await phone.hale.records('weight').create(measurement);
  } catch (error) {
    if (!(error instanceof HaleError) || error.code !== 'invalid') throw error;
    phone.declined.add(measurement);
    scene.note(`refused: ${measurement.timestamp} ${shown(measurement)}: ${error.message}`);
  }
}

const requestsOf = (phones: readonly Phone[]): number =>
  phones.reduce((sum, { requests }) => sum + requests, 0);

/** @returns how many of the repeated edits the service had already stored. */
export async function loseAnAnswer({ phones, scene, person }: Cast): Promise<number> {
  const [a, b, c] = phones;
  scene.step('Phone A is online again. The service commits its edits, but the answer is lost.');
  a.news();
  const unwatch = scene.watch(a);
  let lost = 'no answer';
  void a.network.dropNextResponse(PUSH).then((firstLine) => {
    lost = firstLine;
    scene.note(`the service answers "${lost}"; the answer is dropped and the connection is cut`);
  });
  a.goOnline();
  await a.untilUpToDate();
  unwatch();
  const { duplicate = 0 } = scene.tell(a).results;
  scene.expect(lost.includes(' 200'), `the lost answer was "${lost}" and not a success`);
  const [first, again] = a.pushes;
  scene.expect(first !== undefined && first === again, 'the repeated edits are not the lost ones');

  const own = person.measurements.filter((_, place) => place % phones.length === 0);
  const wanted = own.filter((measurement) => !a.declined.has(measurement));
  await expectNothingDoubled({ phone: a, wanted, scene });
  scene.expect(b.hale.status.value.pendingCount + c.hale.status.value.pendingCount > 0, 'an outbox is empty');
  return duplicate;
}

/** Checks that the service lists every accepted measurement once, with value and unit as entered. */
async function expectNothingDoubled(check: {
  readonly phone: Phone;
  readonly wanted: readonly Measurement[];
  readonly scene: Cast['scene'];
}): Promise<void> {
  const { phone, wanted, scene } = check;
  const service = await copyOnService(phone.hale);
  const listed = service.lines.map((line) => JSON.parse(line) as unknown[]);
  const weights = listed
    .filter(([kind]) => kind === 'weight')
    .map(([, , , weight_value, unit, timestamp]) => contentOf({ weight_value, unit, timestamp }));
  const entered = wanted.map((measurement) => contentOf({ ...measurement }));
  const wrong = [...without(entered, weights), ...without(weights, entered)];
  const isRight = wrong.length === 0 && listed.length === weights.length + 1;
  const verdict = isRight ? ': nothing lost, nothing doubled, all as entered' : '';
  scene.note(`the service lists ${counted(weights.length, 'weight')} and 1 meal${verdict}`);
  scene.expect(
    isRight,
    `after the lost answer the service has ${listed.length} records, ${wrong.join(', ')}`,
  );
}

const contentOf = ({ weight_value, unit, timestamp }: Readonly<Record<string, unknown>>): string =>
  JSON.stringify([weight_value, unit, new Date(String(timestamp)).toISOString()]);

export async function crashAndReturn(cast: Cast): Promise<void> {
  const { phones, scene } = cast;
  const [a, b, c] = phones;
  scene.step('The app of phone B is killed during a write, and starts again from its file.');
  const before = b.hale.status.value.pendingCount;
  await b.crash();
  const after = b.hale.status.value.pendingCount;
  scene.note(
    `edits in its outbox before: ${before}, after: ${after}; it is still signed in and still offline`,
  );
  scene.note('an edit is in the file before the app shows it; an incomplete last line is ignored');
  scene.expect(before === after && before > 0, `the outbox went from ${before} to ${after}`);

  scene.step('Phones B and C are online again.');
  for (const phone of [b, c]) {
    phone.goOnline();
    await phone.untilUpToDate();
    scene.tell(phone);
  }
  await cast.untilEqual();
  scene.tell(a);
  const { digests } = await copyOnPhone(a.name, a.hale);
  const { weight, meal: meals } = digests;
  scene.note(`all three hold ${counted(weight.count, 'weight')} and ${counted(meals.count, 'meal')}`);
}
