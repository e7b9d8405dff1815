import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slotId } from '../../../src/modules/health/medications/slot-id.js';
import { instantText } from '../../../src/platform/database/database.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { DAY, fromNow } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { atMinute, insert } from '../../support/rows.js';
import type { Wire } from '../../support/sync.js';
import { longestTurn, RemoteClient } from '../../support/turns.js';
import { created, daily, LOTS, medication, MEDICATIONS, SCHEDULES } from './support.js';

/** As in the tests of all other requests. */
const MOST_MS = 50;
const RUNS = 3;
const SINCE = '2016-01-01';
/** The days of the longest period of adherence. */
const DAYS = 366;

describe.runIf(hasDatabase())('a person with the most doses lets others be served', () => {
  let app: TestApp;
  let client: RemoteClient;
  let person: Api;
  let medicationId: string;
  beforeAll(async () => {
    app = await TestApp.start();
    client = new RemoteClient();
    person = await app.api.register();
    medicationId = (await created(person, MEDICATIONS, medication()))['id'] as string;
    for (const minute of ['00', '30']) await addSchedule(minute);
    await created(person, LOTS, { medication_id: medicationId, units: 10_000, added_at: fromNow(-DAY) });
    const goal = {
      name: 'Take it in time',
      subject: 'adherence',
      direction: 'reach',
      unit: '%',
      period: 'total',
      start_on: SINCE,
      target_min: 90,
    };
    await created(person, '/api/goals', goal);
  });
  afterAll(async () => {
    client?.stop();
    await app?.stop();
  });

  async function addSchedule(minute: string): Promise<void> {
    const times = Array.from({ length: 24 }, (_, hour) => `${String(hour).padStart(2, '0')}:${minute}`);
    const doses = times.map((time) => ({ local_time: time, amount: 0.001 }));
    const fields = daily(medicationId, { starts_on: SINCE, time_zone: 'UTC', zone_mode: 'floating', doses });
    const scheduleId = (await created(person, SCHEDULES, fields))['id'] as string;
    await addIntakes(scheduleId, times);
  }

  /** Every dose of the year 2024 was taken. */
  async function addIntakes(scheduleId: string, times: readonly string[]): Promise<void> {
    const days = Array.from({ length: DAYS }, (_, day) =>
      new Date(Date.UTC(2024, 0, 1) + day * DAY).toISOString().slice(0, 10),
    );
    const slots = days.flatMap((day) => times.map((time) => `${day}T${time}`));
    const rows = slots.map((slot, index) => rowOf(scheduleId, slot, index));
    await insert(app, 'medication_intakes', rows, 500);
  }

  const rowOf = (scheduleId: string, slot: string, index: number) => {
    const at = instantText(new Date(`${slot}:00Z`));
    const stamp = instantText(atMinute(index));
    return {
      id: slotId(scheduleId, slot),
      user_id: person.userId,
      created_at: stamp,
      updated_at: stamp,
      version: 1,
      seq: 1_000 + index,
      modified_at: stamp,
      modified_counter: 0,
      modified_by: '',
      modified_seq: 0,
      clocks: '{}',
      medication_id: medicationId,
      schedule_id: scheduleId,
      slot,
      scheduled_for: at,
      time_zone: 'UTC',
      status: 'taken',
      taken_at: at,
      amount: 0.001,
      note: 'é'.repeat(100),
      alerts: '[]',
      local_date: slot.slice(0, 10),
      sorted_at: at,
    };
  };

  it.each<[string, string, (body: Wire) => unknown]>([
    ['the doses of a period', '/doses?from=2024-03-01&to=2024-03-16', ({ data }) => data.length],
    ['adherence of a year', '/adherence?from=2024-01-01&to=2024-12-31', ({ data }) => data[0].in_time],
    [
      'adherence of a year without ticks',
      '/adherence?from=2022-01-01&to=2022-12-31',
      ({ data }) => data[0].missed,
    ],
    ['a stock that lasts', '/{id}/stock', ({ units_left }) => units_left],
    ['a goal of ten years', '/../goals/today', ({ data }) => data.length],
  ])('during %s', async (what, path, shown) => {
    const url = new URL(app.url + MEDICATIONS + path.replace('{id}', medicationId)).href;
    const answer = await person.get(url.slice(app.url.length));
    expect([answer.status, shown(answer.body)]).toMatchObject([200, expect.any(Number)]);
    const turns: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const request = { url, headers: person.headers };
      turns.push(
        await longestTurn(async () => expect(await client.send(request)).toMatchObject({ status: 200 })),
      );
    }
    expect(Math.min(...turns), `${what} took ${turns.join(' ms, ')} ms`).toBeLessThan(MOST_MS);
  });
});
