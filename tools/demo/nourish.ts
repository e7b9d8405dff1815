import { randomBytes, randomUUID } from 'node:crypto';
import { createClient, type Hale, MemoryStorage } from '@hale/client';
import {
  food,
  goal,
  healthMetric,
  meal,
  medication,
  medicationIntake,
  medicationLot,
  medicationSchedule,
  recipe,
} from '@hale/client/kinds';
import { dosesOf, doseTick } from '@hale/client/medications';
import { fillItem, mealDays } from '@hale/client/nutrition';
import type { FaultProxy } from '../support/fault-proxy.js';
import { answer } from './health.js';
import type { Narrator } from './narrator.js';
import { Scene } from './scene.js';
import type { ThrowAwayService } from './service.js';

const KINDS = [
  food,
  goal,
  healthMetric,
  meal,
  medication,
  medicationIntake,
  medicationLot,
  medicationSchedule,
  recipe,
] as const;
type Own = Hale<(typeof KINDS)[number]['kind']>;

/** Without changes of the clock, and the zone of a new profile: the demo is the same at any hour. */
const ZONE = 'UTC';
const DAY_MS = 86_400_000;
const PACKAGE = 10;
const WATER_ML = 500;
const GLASSES = 4;
const DAYS_OF_STREAK = 3;

interface Device {
  readonly name: string;
  readonly hale: Own;
  readonly network: FaultProxy;
}

/** What a person eats, drinks and takes in one day. @returns descriptions of the failed checks */
export async function playNourishment(
  service: ThrowAwayService,
  narrator: Narrator,
): Promise<readonly string[]> {
  const scene = new Scene(narrator);
  const phone = await deviceOf('phone', service);
  const account = { email: `${randomUUID()}@example.com`, password: randomBytes(18).toString('base64url') };
  await phone.hale.register(account);
  const watch = await deviceOf('watch', service);
  await watch.hale.login(account);
  await eatBreakfast(phone.hale, scene);
  await eatByRecipe(phone, scene);
  await drinkWater(phone.hale, scene);
  await takeOneDose(phone, watch, scene);
  return scene.problems;
}

async function deviceOf(name: string, service: ThrowAwayService): Promise<Device> {
  const network = await service.openNetwork();
  const hale = await createClient({
    url: network.url,
    storage: new MemoryStorage(),
    kinds: KINDS,
    realtime: false,
  });
  service.atEnd(() => hale.close());
  return { name, hale, network };
}

/** This time of the day, so many days ago. */
const instantOf = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString();

const dayBefore = (days: number): string => instantOf(days).slice(0, 10);

async function eatBreakfast(hale: Own, scene: Scene): Promise<void> {
  scene.step('Breakfast comes from the food search. The meal keeps what it said.');
  const found = answer(await hale.api.GET('/api/foods/search', { params: { query: { q: 'raw oat' } } }));
  const [oats] = found.data;
  if (!oats) throw new Error('the starter set has no oats');
  scene.note(`"raw oat" finds ${oats.name}: ${oats.energy_kcal} kcal in 100 g (${oats.source})`);
  const item = { name: oats.name, quantity: 1, unit: 'bowl', food_id: oats.id, amount: 60 } as const;
  const eaten = answer(
    await hale.api.POST('/api/meals', {
      body: {
        eaten_at: instantOf(0),
        time_zone: ZONE,
        meal_type: 'breakfast',
        items: [
          { ...item, amount_unit: 'g' },
          { name: 'Honey from the neighbour', quantity: 1, unit: 'spoon' },
        ],
      },
    }),
  );
  const wanted = Math.round((oats.energy_kcal ?? 0) * 0.6);
  await hale.sync();
  const [own] = await hale.records('meal').list();
  const kcal = Math.round(own?.fields.items[0]?.energy_kcal ?? 0);
  scene.expect(own?.id === eaten.id && kcal === wanted, `${kcal} kcal on the phone instead of ${wanted}`);
  const period = { from: dayBefore(0), to: dayBefore(0) };
  const { data } = answer(await hale.api.GET('/api/meals/summary', { params: { query: period } }));
  const { energy_kcal: sum, energy_known: known, item_count: items } = data[0] ?? {};
  scene.expect(
    Math.round(sum ?? 0) === wanted && known === 1 && items === 2,
    `${sum} kcal of ${known} items`,
  );
  scene.note(
    `the day has ${Math.round(sum ?? 0)} kcal, known of ${known} of ${items} items: the honey is not zero`,
  );
}

async function eatByRecipe({ hale, network }: Device, scene: Scene): Promise<void> {
  scene.step(
    'A recipe for two. One serving is eaten without a connection, and later the recipe is corrected.',
  );
  const oats = { name: 'Oats', quantity: 100, unit: 'g', energy_kcal: 378, protein_g: 16.9 };
  const milk = { name: 'Milk', quantity: 400, unit: 'ml', energy_kcal: 260 };
  const cooked = answer(
    await hale.api.POST('/api/recipes', { body: { name: 'Porridge', servings: 2, items: [oats, milk] } }),
  );
  await hale.sync();
  network.refuse(true);
  const own = await hale.records('recipe').get(cooked.id);
  if (!own) throw new Error('the recipe is not on the phone');
  const serving = { name: 'Porridge', quantity: 1, unit: 'serving', recipe_id: cooked.id, servings: 1 };
  const items = [fillItem(serving, own.fields)];
  const eaten = { eaten_at: instantOf(0), time_zone: ZONE, meal_type: 'lunch', items } as const;
  await hale.records('meal').create(eaten);
  const period = { from: dayBefore(0), to: dayBefore(0) };
  const [offline] = mealDays(await hale.records('meal').list(), period);
  network.refuse(false);
  await hale.sync();
  await hale.records('recipe').update(cooked.id, { items: [oats] });
  await hale.sync();
  const { data } = answer(await hale.api.GET('/api/meals/summary', { params: { query: period } }));
  const [kcal, stored] = [items[0]?.energy_kcal, data[0]?.energy_kcal];
  scene.expect(kcal === 319, `${kcal} kcal in a serving instead of 319`);
  scene.expect(stored === offline?.energy_kcal, `${stored} kcal instead of ${offline?.energy_kcal}`);
  scene.note(`a serving has ${kcal} kcal; its protein is unknown, because that of the milk is`);
  scene.note(`the day has ${stored} kcal on the phone, on the service, and after the recipe was corrected`);
}

async function drinkWater(hale: Own, scene: Scene): Promise<void> {
  scene.step('Water is logged offline for three days. A goal counts the days in a row.');
  const glass = (days: number) => ({
    metric: 'water_intake',
    value: WATER_ML,
    unit: 'mL',
    measured_at: instantOf(days),
    time_zone: ZONE,
    source: 'manual',
  });
  await hale.records('goal').create({
    name: 'Two litres a day',
    subject: 'metric:water_intake',
    direction: 'at_least',
    target_min: GLASSES * WATER_ML,
    unit: 'mL',
    period: 'day',
    start_on: dayBefore(DAYS_OF_STREAK - 1),
  });
  for (let days = 0; days < DAYS_OF_STREAK; days += 1)
    for (let drunk = 0; drunk < GLASSES; drunk += 1) await hale.records('health_metric').create(glass(days));
  await hale.sync();
  const { data } = answer(await hale.api.GET('/api/goals/today'));
  const [standing] = data;
  const { value, status } = standing?.current ?? {};
  scene.expect(
    value === GLASSES * WATER_ML && status === 'met' && standing?.current_streak === DAYS_OF_STREAK,
    `${value} mL, ${status}, a streak of ${standing?.current_streak}`,
  );
  scene.note(`today ${value} mL: ${status}, ${standing?.current_streak} days in a row`);
}

async function takeOneDose(phone: Device, watch: Device, scene: Scene): Promise<void> {
  scene.step('The phone and the watch are offline, and both tick the same dose.');
  const medicationId = await prescribe(phone.hale);
  for (const { hale } of [phone, watch]) await hale.sync();
  const before = await stockOf(phone.hale, medicationId);
  for (const device of [phone, watch]) await tickOffline(device, scene);
  for (const { network } of [phone, watch]) network.refuse(false);
  for (const { hale } of [phone, watch, phone]) await hale.sync();
  const after = await stockOf(phone.hale, medicationId);
  const counts = await Promise.all(
    [phone, watch].map(async ({ hale }) => (await hale.records('medication_intake').list()).length),
  );
  scene.expect(counts.join() === '1,1', `${counts.join(' and ')} intakes on the devices`);
  scene.expect(
    after.units_left === PACKAGE - 1 && before.units_left === PACKAGE,
    `${before.units_left}, then ${after.units_left} tablets`,
  );
  scene.note(`one intake on both, and one tablet less: ${before.units_left} → ${after.units_left}`);
  scene.expect(after.runs_out_on !== null, 'the stock never runs out');
  scene.note(`the package lasts until the day before ${after.runs_out_on}; refill by ${after.refill_by}`);
}

const stockOf = async ({ api }: Own, id: string) =>
  answer(await api.GET('/api/medications/{id}/stock', { params: { path: { id } } }));

async function tickOffline({ hale, network, name }: Device, scene: Scene): Promise<void> {
  network.refuse(true);
  const records = {
    medications: await hale.records('medication').list(),
    schedules: await hale.records('medication_schedule').list(),
    intakes: await hale.records('medication_intake').list(),
  };
  const today = { from: dayBefore(0), to: dayBefore(0), time_zone: ZONE };
  const [dose] = dosesOf(records, today).data;
  if (!dose) throw new Error('no dose is expected today');
  const { id, fields } = doseTick(dose);
  await hale.records('medication_intake').create(fields, id);
  // A sync without a connection either fails or leaves the edit waiting.
  await hale.sync().catch(() => undefined);
  scene.expect(hale.status.value.pendingCount === 1, `the ${name} is not offline`);
  scene.note(`${name}: computed and ticked ${dose.slot}, waits for a connection`);
}

/** A tablet every morning from today, and one package. @returns the id of the medication */
async function prescribe(hale: Own): Promise<string> {
  const medicationId = await hale.records('medication').create({
    name: 'Ramipril',
    form: 'tablet',
    route: 'oral',
    strength: '5 mg',
    dose_amount: 1,
    dose_unit: 'tablet',
    refill_lead_days: 3,
  });
  await hale.records('medication_schedule').create({
    medication_id: medicationId,
    recurrence: 'daily',
    starts_on: dayBefore(0),
    zone_mode: 'floating',
    time_zone: ZONE,
    doses: [{ local_time: '08:00', amount: 1 }],
  });
  await hale
    .records('medication_lot')
    .create({ medication_id: medicationId, units: PACKAGE, added_at: instantOf(1) });
  return medicationId;
}
