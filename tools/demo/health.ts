import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import {
  createClient,
  type Hale,
  type HealthMetricFields,
  MemoryStorage,
  type SleepFields,
} from '@hale/client';
import { healthKinds, healthOf } from '@hale/client/health';
import { sleep } from '@hale/client/kinds';
import type { Narrator } from './narrator.js';
import { Scene } from './scene.js';
import type { ThrowAwayService } from './service.js';

const KINDS = [...healthKinds, sleep] as const;
type SleepStage = NonNullable<SleepFields['stages']>[number]['stage'];
type HealthPhone = Hale<(typeof KINDS)[number]['kind']>;

const DAY = '2026-01-06';
/** The id of a person's first order of sources. */
const FIRST_ORDER = '2981eb0b-b953-57b8-b851-01b55665527f';
const ZONE = 'Europe/Vienna';
/** Public data of Fitbit trackers, if it lies beside the repository. */
const FITBIT = '../shared/data/fitbit/hourlySteps_merged.csv';
const SAMPLE = `Id,ActivityHour,StepTotal
1503960366,4/12/2016 7:00:00 AM,373
1503960366,4/12/2016 8:00:00 AM,1160
1503960366,4/12/2016 9:00:00 AM,151
`;
const LOOK_EVERY_MS = 50;
const LOOKS = 1_200;

/** A day of readings from several sources, in several units, and from a file. @returns descriptions of the failed checks */
export async function playHealth(service: ThrowAwayService, narrator: Narrator): Promise<readonly string[]> {
  const scene = new Scene(narrator);
  const hale = await createClient({
    url: service.url,
    storage: new MemoryStorage(),
    kinds: KINDS,
    realtime: false,
  });
  service.atEnd(() => hale.close());
  const password = randomBytes(18).toString('base64url');
  await hale.register({ email: `${randomUUID()}@example.com`, password });
  await walkOnce(hale, scene);
  await sleepOnce(hale, scene);
  await pressureInTwoUnits(hale, scene);
  await importSteps(hale, scene);
  return scene.problems;
}

/** What the service answered. @throws Error if it refused */
export function answer<T>({ data, response }: { data?: T; response: Response }): T {
  if (data === undefined) throw new Error(`the service answered ${response.status} to ${response.url}`);
  return data;
}

const at = (time: string): string => `${DAY}T${time}:00.000Z`;

const steps = (source: string, from: string, to: string, value: number): HealthMetricFields => ({
  metric: 'steps',
  value,
  unit: 'steps',
  measured_at: at(from),
  ended_at: at(to),
  time_zone: ZONE,
  source,
  modality: 'sensed',
});

async function walkOnce(hale: HealthPhone, scene: Scene): Promise<void> {
  scene.step('A phone and a watch count the steps of one day. Each minute counts once.');
  const walks = [
    steps('phone', '07:00', '08:00', 3_000),
    steps('watch', '07:30', '08:30', 3_600),
    steps('watch', '16:00', '16:20', 2_100),
    steps('phone', '16:00', '16:20', 1_950),
  ];
  for (const walk of walks) await hale.records('health_metric').create(walk);
  await hale.sync();
  for (const source of ['phone', 'watch']) {
    const own = walks.filter((walk) => walk.source === source).map(({ value }) => value ?? 0);
    scene.note(`${source}: ${own.join(' + ')} steps`);
  }
  await expectSteps(hale, scene, 6_750, 'by name the phone comes before the watch');
  await hale.records('source_order').put(FIRST_ORDER, { sources: ['ring', 'watch', 'phone'] });
  await hale.sync();
  await expectSteps(hale, scene, 7_200, 'the person trusts the watch more');
}

/** The sum by the service, and by the client from its own copy. */
async function expectSteps(hale: HealthPhone, scene: Scene, wanted: number, why: string): Promise<void> {
  const period = { from: DAY, to: DAY };
  const path = { kind: 'steps' };
  const theirs = answer(
    await hale.api.GET('/api/health-metrics/{kind}/summary', { params: { path, query: period } }),
  );
  const own = await healthOf(hale).summary('steps', period);
  const [sum, ownSum] = [theirs, own].map(({ data }) => data[0]?.value);
  scene.expect(sum === wanted && ownSum === wanted, `${sum} and ${ownSum} steps instead of ${wanted}`);
  scene.note(`${sum} steps, also from the copy of the phone without a request: ${why}`);
}

async function sleepOnce(hale: HealthPhone, scene: Scene): Promise<void> {
  scene.step(
    'A ring reports a night with its stages, and again when it is complete. A watch saw the same night.',
  );
  const stage = (name: SleepStage, from: string, to: string) => ({
    stage: name,
    started_at: from,
    ended_at: to,
  });
  const began = '2026-01-05T22:30:00.000Z';
  const stages = [
    stage('light', began, at('01:00')),
    stage('deep', at('01:00'), at('02:30')),
    stage('awake', at('02:30'), at('02:45')),
    stage('rem', at('02:45'), at('04:00')),
    stage('light', at('04:00'), at('06:00')),
  ];
  const night = (source: string, until: string, count: number): SleepFields => ({
    started_at: began,
    ended_at: at(until),
    time_zone: ZONE,
    is_nap: false,
    source,
    stages: count === 0 ? null : stages.slice(0, count),
  });
  for (const session of [night('ring', '02:30', 2), night('ring', '06:00', 5), night('watch', '05:40', 0)])
    await hale.records('sleep').create(session);
  await hale.sync();
  await expectNight(hale, scene);
}

/** One of the three sessions counts. */
async function expectNight(hale: HealthPhone, scene: Scene): Promise<void> {
  const { data } = answer(
    await hale.api.GET('/api/sleep/nights', { params: { query: { from: DAY, to: DAY } } }),
  );
  const { night: total, counted = [], replaced = [] } = data[0] ?? {};
  const minutes = (seconds?: number | null): string => `${(seconds ?? 0) / 60} min`;
  scene.expect(
    total?.asleep_seconds === 435 * 60 && counted.length === 1 && replaced.length === 2,
    `${minutes(total?.asleep_seconds)} asleep by ${counted.length} sessions`,
  );
  scene.note(
    `${minutes(total?.asleep_seconds)} asleep: ${minutes(total?.light_seconds)} light, ${minutes(total?.deep_seconds)} deep, ${minutes(total?.rem_seconds)} REM; ${minutes(total?.awake_seconds)} awake`,
  );
  scene.note(`1 of 3 sessions counts; the other ${replaced.length} overlap it`);
}

async function pressureInTwoUnits(hale: HealthPhone, scene: Scene): Promise<void> {
  scene.step('A blood pressure is entered in kilopascals, the next one in millimetres of mercury.');
  const cuff = { metric: 'blood_pressure', time_zone: ZONE, source: 'manual', context: 'left_upper_arm' };
  const entered = [
    { unit: 'kPa', measured_at: at('06:10'), components: { systolic: 16.8, diastolic: 10.4, pulse: 61 } },
    { unit: 'mmHg', measured_at: at('19:40'), components: { systolic: 124, diastolic: 79 } },
  ];
  for (const one of entered) await hale.records('health_metric').create({ ...cuff, ...one });
  await hale.sync();
  const { data: held } = answer(
    await hale.api.GET('/api/health-metrics/{kind}', { params: { path: { kind: 'blood_pressure' } } }),
  );
  const shown = held.map(
    ({ components, unit }) => `${components?.systolic}/${components?.diastolic} ${unit}`,
  );
  scene.expect(shown.join() === '124/79 mmHg,16.8/10.4 kPa', `the service answers ${shown.join()}`);
  scene.note(`answered as entered: ${shown.toReversed().join(' and ')}`);
  const { entry = [] } = answer(
    await hale.api.GET('/api/health-metrics/fhir', { params: { query: { from: DAY, to: DAY } } }),
  );
  const systolic = entry.flatMap(({ resource }) =>
    resource.resourceType === 'Observation' && resource.meta['profile'] !== undefined
      ? [(resource.component?.[0] as Part | undefined)?.valueQuantity]
      : [],
  );
  scene.expect(systolic.length === 2, `${systolic.length} blood pressures in FHIR`);
  scene.note(
    `in FHIR R4, for a clinic: ${systolic
      .map((one) => `${one?.value} ${one?.unit}`)
      .toReversed()
      .join(' and ')} systolic`,
  );
}

interface Part {
  readonly valueQuantity?: { readonly value: number; readonly unit: string };
}

async function importSteps(hale: HealthPhone, scene: Scene): Promise<void> {
  scene.step('A file of a Fitbit tracker is imported, and by mistake once more.');
  const [header = '', ...lines] = (existsSync(FITBIT) ? readFileSync(FITBIT, 'utf8') : SAMPLE)
    .trim()
    .split(/\r?\n/);
  const [first = ''] = lines;
  // One person of several in the public file.
  const rows = lines.filter((line) => line.startsWith(`${first.split(',')[0]},`));
  const total = rows.reduce((sum, line) => sum + Number(line.split(',')[2]), 0);
  const file = new Blob([[header, ...rows, ''].join('\n')]);
  const done = await imported(hale, file);
  scene.expect(
    done.records_created === rows.length,
    `${done.records_created} of ${rows.length} rows are stored`,
  );
  const period = { from: '2016-01-01', to: '2016-12-31', bucket: 'month' } as const;
  const { data } = answer(
    await hale.api.GET('/api/health-metrics/{kind}/summary', {
      params: { path: { kind: 'steps' }, query: period },
    }),
  );
  const stored = data.reduce((sum, { value }) => sum + (value ?? 0), 0);
  scene.expect(stored === total, `${stored} steps instead of ${total}`);
  scene.note(`${rows.length} hours, ${stored} steps: as many as in the file`);
  const again = await imported(hale, file);
  scene.expect(
    again.records_created === 0 && again.records_unchanged === rows.length,
    'the second import changed something',
  );
  scene.note(`the second time: ${again.records_created} new, ${again.records_unchanged} were there`);
}

/** Uploads a file and waits until its rows are read. */
async function imported(hale: HealthPhone, file: Blob) {
  const form = new FormData();
  form.append('file', file, 'hourlySteps.csv');
  const upload = {
    params: { query: { time_zone: ZONE } },
    body: form as never,
    bodySerializer: (body: unknown) => body,
  };
  const { id } = answer(await hale.api.POST('/api/imports', upload as never)) as { id: string };
  for (let looks = 0; looks < LOOKS; looks += 1) {
    const state = answer(await hale.api.GET('/api/imports/{id}', { params: { path: { id } } }));
    if (state.finished_at !== null) return state;
    await wait(LOOK_EVERY_MS);
  }
  throw new Error('the import did not end');
}
