import type { TestingModuleBuilder } from '@nestjs/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { localDay } from '../../../src/kernel/quantities/local-day.js';
import { addDays } from '../../../src/kernel/quantities/local-time.js';
import { ImportsPolicy } from '../../../src/modules/health/imports/imports.policy.js';
import { SourcesPolicy } from '../../../src/modules/health/sources/sources.policy.js';
import { GoalProgress } from '../../../src/modules/training/goals/goal-progress.js';
import { periodsOf, statusOf } from '../../../src/modules/training/goals/goal-periods.js';
import { GoalsPolicy } from '../../../src/modules/training/goals/goals.policy.js';
import { GoalsRepository } from '../../../src/modules/training/goals/goals.repository.js';
import { person as ownerOf } from '../../../src/records/define/person/person.owner.js';
import { Records } from '../../../src/records/write/records.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { chooseSeed, seededRandom } from '../../support/random.js';
import { bulk, listAll, reading, READINGS } from '../../support/readings.js';
import { Device, type Wire } from '../../support/sync.js';
import { until } from '../../support/until.js';
import { HastyPolicy as HastyImports, imported, undone } from '../imports/support.js';
import { onSchedule } from '../medications/support.js';

/*
 * The periods of goals that are kept.
 * P1 After any writes, by any way and by many at once, an answer is that of the records alone, whether or not anything was kept.
 * P2 What is kept in the end is what is computed from the records alone, and there is one row for each period.
 * P3 A push costs the same number of statements however many records it has, and none for goals without goals.
 * P4 What is kept ends with the goal.
 */
const GOALS = '/api/goals';
const HOUR = 3_600_000;
const ZONES = ['Europe/Berlin', 'Pacific/Auckland', 'America/New_York', 'UTC'];
const SOURCES = ['watch', 'phone', 'manual'];

class Hasty extends GoalsPolicy {
  override readonly pollMs = 40;
}
class HastySources extends SourcesPolicy {
  override readonly pollMs = 20;
  override readonly chunkRecords = 5;
}
const hasty = (builder: TestingModuleBuilder): TestingModuleBuilder =>
  builder
    .overrideProvider(GoalsPolicy)
    .useClass(Hasty)
    .overrideProvider(SourcesPolicy)
    .useClass(HastySources)
    .overrideProvider(ImportsPolicy)
    .useClass(HastyImports);

describe.runIf(hasDatabase())('kept periods of goals', () => {
  let app: TestApp;
  let random: () => number;
  beforeAll(async () => {
    app = await TestApp.start({ override: hasty });
    random = seededRandom(chooseSeed());
  });
  afterAll(() => app.stop());

  const below = (limit: number): number => Math.floor(random() * limit);
  const one = <Item>(items: readonly Item[]): Item => items[below(items.length)]!;
  const today = localDay(new Date(), 'UTC');
  const start = addDays(today, -40);
  const at = (): string => new Date(Date.parse(start) + below(40 * 24) * HOUR).toISOString();

  const goal = (subject: string, unit: string, values: Wire = {}): Wire => ({
    name: 'A goal',
    subject,
    unit,
    direction: 'at_least',
    target_min: 500,
    period: 'day',
    start_on: start,
    ...values,
  });
  const walk = (): Wire => {
    const from = at();
    return reading('steps', {
      value: below(3_000),
      measured_at: from,
      ended_at: new Date(Date.parse(from) + (1 + below(25)) * HOUR).toISOString(),
      time_zone: one(ZONES),
      source: one(SOURCES),
    });
  };
  const weight = (): Wire => ({ weight_value: 60 + below(40), unit: 'kg', timestamp: at() });
  const meal = (): Wire => ({
    eaten_at: at(),
    time_zone: one(ZONES),
    meal_type: 'lunch',
    items: [{ name: 'Oats', quantity: 1, unit: 'serving', ...(below(2) ? { energy_kcal: below(900) } : {}) }],
  });
  const night = (): Wire => {
    const from = at();
    const to = new Date(Date.parse(from) + (1 + below(11)) * HOUR).toISOString();
    return { started_at: from, ended_at: to, time_zone: one(ZONES), source: one(SOURCES) };
  };

  /** A person with goals of all sources, and the ways in which their periods change. */
  async function person() {
    const api = await app.api.register();
    const device = await new Device(api).ready();
    const { medicationId, scheduleId } = await onSchedule(api, {
      starts_on: addDays(today, -10),
      zone_mode: 'floating',
    });
    const own = (await api.post('/api/custom-metrics', { name: 'Cups', unit: 'cups', roll_up: 'sum' })).body;
    const custom = `custom:${own['id']}`;
    const bodies = [
      goal('metric:steps', 'steps'),
      goal('metric:steps', 'steps', {
        period: 'week',
        direction: 'at_most',
        target_min: null,
        target_max: 9_000,
      }),
      goal('metric:body_weight', 'lb', {
        direction: 'reach',
        period: 'total',
        target_min: 150,
        start_value: 120,
      }),
      goal('nutrient:energy_kcal', 'kJ', { period: 'month' }),
      goal('nutrient:fiber_g', 'g', { target_min: 3, weekdays: ['mon', 'sun'] }),
      goal('sleep', 'h', { target_min: 7, period: 'week' }),
      goal('adherence', '%', { target_min: 50 }),
      goal(`metric:${custom}`, 'cups', { target_min: 2 }),
    ];
    const ids: string[] = [];
    for (const body of bodies) {
      const answer = await api.post(GOALS, body);
      expect([answer.status, answer.body]).toMatchObject([201, {}]);
      ids.push(String(answer.body['id']));
    }
    await bulk(api, Array.from({ length: 40 }, walk));
    const some = async (path: string): Promise<Wire | undefined> =>
      one((await api.get(path)).body['data'] as Wire[]);
    const walked = async (): Promise<Wire> =>
      one((await listAll(api, READINGS)).filter((row) => row['metric'] === 'steps'));
    const ways: Record<string, () => Promise<unknown>> = {
      create: () => api.post(READINGS, walk()),
      bulk: () => bulk(api, Array.from({ length: 10 }, walk)),
      weight: () => api.post(`${READINGS}/weight`, weight()),
      moveWeight: async () =>
        api.put(`${READINGS}/weight/${(await some(`${READINGS}/weight`))?.['id']}`, weight()),
      meal: () => api.post('/api/meals', meal()),
      moveMeal: async () => {
        const { eaten_at, time_zone } = meal();
        return api.send('PUT', `/api/meals/${(await some('/api/meals'))?.['id']}`, { eaten_at, time_zone });
      },
      removeMeal: async () => api.delete(`/api/meals/${(await some('/api/meals'))?.['id']}`),
      night: () => api.post('/api/sleep', night()),
      removeNight: async () => api.delete(`/api/sleep/${(await some('/api/sleep'))?.['id']}`),
      cups: () =>
        api.post(READINGS, {
          ...reading('mood', { measured_at: at(), value: 1 + below(3) }),
          metric: custom,
          unit: 'cups',
        }),
      ownKind: () => api.patch(`/api/custom-metrics/${own['id']}`, { roll_up: one(['sum', 'max', 'last']) }),
      move: async () => {
        const row = await walked();
        const { measured_at, ended_at } = walk();
        return api.patch(`${READINGS}/steps/${row['id']}`, { measured_at, ended_at });
      },
      remove: async () => api.delete(`${READINGS}/steps/${(await walked())['id']}`),
      offline: () =>
        device.push(
          device.create('weight', weight(), { modified_at: new Date(Date.parse(start)).toISOString() }),
          device.create('meal', meal()),
          ...Array.from({ length: 5 }, () => device.create('health_metric', walk())),
        ),
      dose: () => {
        const slot = `${addDays(today, -below(9))}T08:00`;
        return api.post('/api/medication-intakes', {
          medication_id: medicationId,
          schedule_id: scheduleId,
          slot,
          scheduled_for: `${slot}:00.000Z`,
          time_zone: 'UTC',
          status: 'taken',
          taken_at: `${slot}:00.000Z`,
          amount: 1,
        });
      },
      order: () => api.put('/api/sources/order', { sources: below(2) ? SOURCES : SOURCES.toReversed() }),
      zone: () => api.patch('/api/users/me', { time_zone: one(ZONES) }),
      target: () => api.patch(`${GOALS}/${ids[0]}`, { target_min: 100 + below(900) }),
      later: () => api.patch(`${GOALS}/${ids[0]}`, { start_on: addDays(start, below(10)) }),
      length: () => api.patch(`${GOALS}/${ids[0]}`, { period: one(['day', 'week', 'month']) }),
      note: () => api.patch(`${GOALS}/${one(ids)}`, { note: one(ZONES) }),
    };
    return { api, ids, ways };
  }

  /** All periods of all goals, from the records alone, and as they are answered. */
  async function both(api: Api) {
    const progress = app.app.get(GoalProgress);
    const { userId } = api;
    const now = await progress.today({ userId });
    const goals = await new GoalsRepository(app.app.get(Records), ownerOf(userId)).all();
    const bases = await progress.basesOf({ userId }, goals, now);
    const asked = goals.map((one) => ({ goal: one, periods: periodsOf(one, start, now.day) }));
    const plain = (all: Awaited<ReturnType<GoalProgress['of']>>) =>
      Object.fromEntries(
        [...all].map(([id, rows]) => [
          id,
          rows.map(({ start: from, end, value, isPartial, coverage }) => ({
            from,
            end,
            value,
            isPartial,
            coverage,
          })),
        ]),
      );
    const kept = plain(await progress.of({ userId }, asked, bases, now));
    return {
      kept,
      computed: plain(await progress.compute({ userId }, asked, bases, now)),
      goals,
      bases,
      now,
    };
  }

  async function expectRight(api: Api, after: unknown): Promise<void> {
    const { kept, computed } = await both(api);
    expect([after, kept]).toEqual([after, computed]);
  }

  const settled = (api: Api): Promise<unknown> =>
    until(async () => {
      const [job] = await app.db.rows('SELECT due_at, claimed_until FROM goal_jobs WHERE user_id = ?', [
        api.userId,
      ]);
      return (
        job?.['claimed_until'] === null &&
        Date.parse(`${String(job['due_at']).replace(' ', 'T')}Z`) > Date.now()
      );
    });

  /** Everything is kept, and nothing else. */
  async function expectKept(api: Api, after: unknown): Promise<void> {
    // Another zone of the profile is noticed at the next visit.
    const { data } = (await api.get(GOALS)).body;
    await api.patch(`${GOALS}/${data[0].id}`, { note: JSON.stringify(after).slice(-100) });
    await settled(api);
    const { computed, goals, bases, now } = await both(api);
    const rows = await app.db.rows<Wire>(
      'SELECT goal_id, start_on, end_on, value, status FROM goal_periods WHERE user_id = ? ORDER BY goal_id, start_on',
      [api.userId],
    );
    const due = goals
      .flatMap((one) =>
        (computed[one.id] ?? []).map(({ from, end, value }) => {
          const rollUp = bases.get(one.id)?.counted.subject?.rollUp ?? 'sum';
          const status = statusOf(one as never, value, rollUp, end < now.day);
          return { goal_id: one.id, start_on: from, end_on: end, value, status };
        }),
      )
      .toSorted((a, b) => (a.goal_id + a.start_on < b.goal_id + b.start_on ? -1 : 1));
    const found = rows.map((row) => ({ ...row, value: row['value'] === null ? null : Number(row['value']) }));
    expect([after, found]).toEqual([after, due]);
  }

  it('P1 P2 are those of the records alone, after writes by requests and by sync', async () => {
    const { api, ways } = await person();
    await expectRight(api, 'the first');
    await expectKept(api, 'the first');
    const done: string[] = [];
    for (let round = 0; round < 2; round++) {
      for (const way of Object.keys(ways).toSorted(() => random() - 0.5)) {
        await ways[way]!();
        done.push(way);
        if (below(3) === 0) await settled(api);
        await expectRight(api, done);
      }
      await expectKept(api, done);
    }
  });

  it('P1 P2 are those of the records alone, after a deletion of a source, an import, and their undoing', async () => {
    const { api } = await person();
    await settled(api);
    const { body } = await api.delete('/api/sources/watch');
    const deletion = `/api/sources/deletions/${body['id']}`;
    const ended = () => until(async () => (await api.get(deletion)).body['finished_at'] !== null);
    await ended();
    await expectRight(api, 'a deletion');
    await expectKept(api, 'a deletion');
    await api.post(`${deletion}/undo`);
    await ended();
    await expectRight(api, 'its undoing');
    const [year, month, day] = addDays(today, -3).split('-');
    const header = 'Id,Date,WeightKg,WeightPounds,Fat,BMI,IsManualReport,LogId';
    const content = `${header}\r\n77,${Number(month)}/${Number(day)}/${year} 6:47,85.8,189.1,,,FALSE,1.46044E+12\r\n`;
    const done = await imported(api, { content });
    expect(done).toMatchObject({ records_created: 1 });
    await expectRight(api, 'an import');
    await expectKept(api, 'an import');
    await undone(api, done['id'] as string);
    await expectRight(api, 'its undoing');
    await expectKept(api, 'its undoing');
  });

  it('P1 P2 are those of the records alone, after many wrote and read at once', async () => {
    const { api, ids, ways } = await person();
    const names = ['create', 'bulk', 'meal', 'weight', 'night', 'order', 'dose', 'target', 'cups'];
    for (let round = 0; round < 2; round++) {
      const writes = Array.from({ length: 10 }, () => ways[one(names)]!());
      const reads = Array.from({ length: 10 }, () =>
        api.get(`${GOALS}/${one(ids)}/progress?from=${start}&to=${today}`),
      );
      for (const { status } of await Promise.all(reads)) expect(status).toBe(200);
      await Promise.all(writes);
      await expectRight(api, round);
    }
    await expectKept(api, 'all');
  });

  it('P3 cost a push as many statements with one record as with a hundred', async () => {
    const { api } = await person();
    const lonely = await app.api.register();
    const statementsOf = async (who: Api, count: number): Promise<string[]> => {
      if (who === api) await settled(api);
      const phone = await new Device(who).ready();
      const seen: string[] = [];
      const [rows, execute] = [app.db.rows.bind(app.db), app.db.execute.bind(app.db)];
      const isMarked = (sql: string): boolean =>
        /goal_marks|goal_jobs|goal_periods/.test(sql) && app.db.unit !== undefined;
      const held = (sql: string): boolean =>
        isMarked(sql) &&
        app.db.unit!.held.has(`sequence:person:${who.userId}`) &&
        !/boundary|claimed/.test(sql);
      const spies = [
        vi.spyOn(app.db, 'rows').mockImplementation(((sql: string, ...rest: never[]) => {
          if (held(sql) && sql.includes('JOIN goals')) seen.push(sql);
          return rows(sql, ...rest);
        }) as never),
        vi.spyOn(app.db, 'execute').mockImplementation(((sql: string, ...rest: never[]) => {
          if (held(sql) && sql.startsWith('UPDATE')) seen.push(sql);
          return execute(sql, ...rest);
        }) as never),
      ];
      await phone.push(...Array.from({ length: count }, () => phone.create('health_metric', walk())));
      for (const spy of spies) spy.mockRestore();
      return seen;
    };
    expect([await statementsOf(api, 1), await statementsOf(api, 100)].map(({ length }) => length)).toEqual([
      3, 3,
    ]);
    expect(await statementsOf(lonely, 100)).toEqual([]);
  });

  it('P4 are removed with the goal', async () => {
    const { api, ids } = await person();
    await settled(api);
    expect((await api.delete(`${GOALS}/${ids[0]}`)).status).toBe(204);
    await settled(api);
    for (const table of ['goal_marks', 'goal_periods'])
      expect(
        await app.db.rows(`SELECT 1 FROM ${table} WHERE user_id = ? AND goal_id = ?`, [api.userId, ids[0]!]),
      ).toEqual([]);
  });
});
