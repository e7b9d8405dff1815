import type { TestingModuleBuilder } from '@nestjs/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { OutboxWorker } from '../../../src/kernel/events/outbox-worker.js';
import { Subscribers } from '../../../src/kernel/events/subscribers.js';
import { localDay } from '../../../src/kernel/quantities/local-day.js';
import { addDays } from '../../../src/kernel/quantities/local-time.js';
import { AccountLetters } from '../../../src/modules/identity/public.js';
import { GoalMet } from '../../../src/modules/training/goals/goal-met.js';
import { GoalsPolicy } from '../../../src/modules/training/goals/goals.policy.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { DAY, TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { change } from '../../support/people.js';
import { reading, READINGS } from '../../support/readings.js';
import type { Wire } from '../../support/sync.js';
import { until } from '../../support/until.js';

/*
 * The event of a goal that is met.
 * M1 It comes once for each goal and period, also after a burst, and when the period is un-met and met again.
 * M2 It does not come for what time alone may undo, nor for what is over for long; an upper limit is met when its period is over.
 * M3 It has no value.
 * M4 A goal that is met once in its life is congratulated by a letter, if the address is verified.
 */
const GOALS = '/api/goals';

class Hasty extends GoalsPolicy {
  override readonly pollMs = 20;
}

describe.runIf(hasDatabase())('goals that are met', () => {
  const clock = new TestClock();
  let app: TestApp;
  const met: GoalMet[] = [];
  beforeAll(async () => {
    app = await TestApp.start({
      override: (builder: TestingModuleBuilder) =>
        clock.install(builder).overrideProvider(GoalsPolicy).useClass(Hasty),
    });
    app.app.get(Subscribers).add({
      name: 'met-of-test',
      topic: GoalMet.topic,
      type: GoalMet,
      isOrdered: false,
      isInTransaction: true,
      select: (event) => event,
      handle: async (event) => void met.push(event as GoalMet),
    });
  });
  beforeEach(() => {
    met.length = 0;
  });
  afterAll(() => app.stop());

  const today = localDay(new Date(), 'UTC');
  const goal = (values: Wire = {}): Wire => ({
    name: 'Walk',
    subject: 'metric:steps',
    direction: 'at_least',
    target_min: 1_000,
    unit: 'steps',
    period: 'day',
    start_on: addDays(today, -60),
    ...values,
  });
  async function stored(person: Api, path: string, body: Wire): Promise<Wire> {
    const answer = await person.post(path, body);
    expect([answer.status, answer.body]).toMatchObject([201, {}]);
    return answer.body;
  }
  const walk = (minute: number, day = today): Wire =>
    reading('steps', {
      value: 500,
      measured_at: new Date(Date.parse(day) + minute * 60_000).toISOString(),
      ended_at: new Date(Date.parse(day) + (minute + 1) * 60_000).toISOString(),
      time_zone: 'UTC',
    });
  const settled = ({ userId }: Api): Promise<unknown> =>
    until(async () => {
      const [job] = await app.db.rows('SELECT due_at, claimed_until FROM goal_jobs WHERE user_id = ?', [
        userId,
      ]);
      return (
        job?.['claimed_until'] === null &&
        Date.parse(`${String(job['due_at']).replace(' ', 'T')}Z`) > clock.now()
      );
    });

  it('M1 M3 once, after a burst, and when it is un-met and met again', async () => {
    const person = await app.api.register();
    const { id } = await stored(person, GOALS, goal());
    await settled(person);
    const walks = await Promise.all(
      [0, 1, 2, 3, 4, 5].map((minute) => stored(person, READINGS, walk(minute))),
    );
    await settled(person);
    const event = { ownerId: person.userId, goalId: id, period: 'day', startOn: today, endOn: today };
    expect(met.map((one) => ({ ...one }))).toEqual([event]);
    for (const { id: walked } of walks.slice(1))
      expect((await person.delete(`${READINGS}/steps/${walked}`)).status).toBe(204);
    await settled(person);
    const standing = async (): Promise<unknown> =>
      (await person.get(`${GOALS}/today`)).body['data'][0].current.status;
    expect(await standing()).toBe('open');
    await Promise.all([6, 7].map((minute) => stored(person, READINGS, walk(minute))));
    await settled(person);
    expect([await standing(), met.length]).toEqual(['met', 1]);
    expect((await person.patch(`${GOALS}/${String(id)}`, { target_min: 900 })).status).toBe(200);
    await settled(person);
    expect(met).toHaveLength(1);
  });

  it('M1 once, also when the person flies to where it is still the day before, and back', async () => {
    const [early, late] = ['Pacific/Kiritimati', 'Pacific/Niue'];
    const person = await app.api.register({ time_zone: early });
    const day = localDay(new Date(clock.now()), early);
    const { id } = await stored(person, GOALS, goal());
    for (const minute of [0, 1]) await stored(person, READINGS, walk(minute, day));
    await settled(person);
    const event = { ownerId: person.userId, goalId: id, period: 'day', startOn: day, endOn: day };
    expect(met.map((one) => ({ ...one }))).toEqual([event]);
    for (const [at, zone] of [late, early].entries()) {
      expect((await person.patch('/api/users/me', { time_zone: zone })).status).toBe(200);
      await stored(person, READINGS, walk(at, addDays(today, -20)));
      await settled(person);
    }
    expect(met).toHaveLength(1);
  });

  it('M2 not for what is over for long, nor before the goal was made', async () => {
    const person = await app.api.register();
    for (const day of [-30, -1])
      for (const minute of [0, 1]) await stored(person, READINGS, walk(minute, addDays(today, day)));
    const { id } = await stored(person, GOALS, goal());
    await settled(person);
    const { body } = await person.get(
      `${GOALS}/${String(id)}/progress?from=${addDays(today, -30)}&to=${today}`,
    );
    expect((body['data'] as Wire[]).filter(({ status }) => status === 'met')).toHaveLength(2);
    expect(met).toEqual([]);
  });

  it('M4 congratulates a verified address on a goal that is met once in its life', async () => {
    const letters = vi.spyOn(app.app.get(AccountLetters), 'send');
    const weight = { subject: 'metric:body_weight', direction: 'reduce_to', unit: 'kg', period: 'total' };
    const targets = { target_min: null, target_max: 70, start_value: 80 };
    const [ada, eve] = [await app.api.register(), await app.api.register()];
    await change(app, 'UPDATE users SET email_verified_at = created_at WHERE id = ?', [ada.userId]);
    await change(app, 'UPDATE users SET email_verified_at = NULL WHERE id = ?', [eve.userId]);
    for (const person of [eve, ada]) {
      await stored(person, GOALS, goal({ ...weight, ...targets }));
      const at = new Date().toISOString();
      await stored(person, `${READINGS}/weight`, { weight_value: 69, unit: 'kg', timestamp: at });
      await settled(person);
    }
    expect(met).toHaveLength(2);
    await app.app.get(OutboxWorker).drain();
    const sent = letters.mock.calls.map(([user, letter]) => [user.id, letter.name]);
    expect(sent.filter(([, name]) => name === 'goal-reached')).toEqual([[ada.userId, 'goal-reached']]);
    letters.mockRestore();
  });

  it('M2 for an upper limit when its period is over', async () => {
    const person = await app.api.register();
    const mean = { subject: 'metric:mood', unit: 'score', target_min: 3, start_on: today };
    const limit = { direction: 'at_most', target_min: null, target_max: 5_000, start_on: today };
    const upper = await stored(person, GOALS, goal(limit));
    const average = await stored(person, GOALS, goal(mean));
    await stored(person, READINGS, walk(0));
    await stored(
      person,
      READINGS,
      reading('mood', { measured_at: `${today}T00:00:00.000Z`, value: 4, time_zone: 'UTC' }),
    );
    await settled(person);
    expect(met).toEqual([]);
    clock.advance(DAY);
    await until(() => met.length >= 2);
    expect(met.map(({ goalId, startOn }) => [goalId, startOn]).toSorted()).toEqual(
      [upper, average].map(({ id }) => [id, today]).toSorted(),
    );
  });
});
