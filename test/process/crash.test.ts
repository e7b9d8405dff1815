import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, startServer } from '../../tools/support/server.js';
import { Api } from '../support/api.js';
import { SECRET } from '../support/app.js';
import { createDatabase, hasDatabase, type TestDatabase } from '../support/database.js';
import { chooseSeed, seededRandom } from '../support/random.js';
import { drain, entry, live, push, WEIGHT } from '../support/weights.js';

const KILLS = 5;

/** A server process in another time zone than its clients. It is killed while phones write. */
describe.runIf(hasDatabase())('kill -9', () => {
  let database: TestDatabase;
  let server: RunningServer;
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(async () => {
    await server.kill();
    await database.drop();
  });

  const start = async (): Promise<void> => {
    server = await startServer({
      NODE_ENV: 'test',
      PORT: '0',
      DATABASE_URL: database.url,
      JWT_SECRET: SECRET,
      RATE_LIMIT_PER_MINUTE: '1000000',
      LOG_LEVEL: 'error',
      TZ: 'Pacific/Auckland',
    });
  };

  it(`F22 R1 loses and doubles nothing that was acknowledged, ${KILLS} times`, async () => {
    const random = seededRandom(chooseSeed());
    await start();
    const first = await new Api(server.url).register();
    const token = first.headers['authorization'] ?? '';
    const acknowledged = new Map<string, number>();
    let value = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      // Kill it after this many acknowledgements, in the middle of other requests.
      let left = 10 + Math.floor(random() * 40);
      let alive = true;
      const phones = Array.from({ length: 4 }, async (_, phone) => {
        const api = new Api(server.url, { authorization: token, 'x-device-id': `phone-${phone}` });
        for (let unsent: [string, number][] = []; alive; unsent = []) {
          while (unsent.length < 3) unsent.push([randomUUID(), 50 + ++value / 1_000]);
          const send = (to: Api) =>
            push(to, ...unsent.map(([id, weight]) => entry(id, { weight_value: weight })));
          const answer = await send(api).catch(() => undefined);
          if (answer?.status === 200) for (const [id, weight] of unsent) acknowledged.set(id, weight);
          else pending.push({ phone, unsent });
          if (alive && --left <= 0) {
            alive = false;
            await server.kill();
          }
        }
      });
      const pending: { phone: number; unsent: [string, number][] }[] = [];
      await Promise.all(phones);
      await start();
      // A phone without an answer repeats its request. Stored before or not, it must now be stored once.
      for (const { phone, unsent } of pending) {
        const api = new Api(server.url, { authorization: token, 'x-device-id': `phone-${phone}` });
        const answer = await push(api, ...unsent.map(([id, weight]) => entry(id, { weight_value: weight })));
        expect(answer.status).toBe(200);
        for (const [id, weight] of unsent) acknowledged.set(id, weight);
      }
    }
    const stored = [
      ...live((await drain(new Api(server.url, { authorization: token }), undefined, 500)).entries).values(),
    ];
    const values = (list: number[]) => list.toSorted((a, b) => a - b);
    expect(values(stored.map((change) => change['weight_value']))).toEqual(
      values([...acknowledged.values()]),
    );
    const timestamps = new Set(stored.map((change) => change['timestamp']));
    expect(timestamps).toEqual(new Set(['2026-01-06T20:30:00.000Z']));
  });

  it('33 F22 a refresh whose answer was lost with the server gives the same new token', async () => {
    const person = await new Api(server.url).register();
    const refresh = async () =>
      (
        await new Api(server.url).post('/api/auth/refresh', {
          refresh_token: person.account['refresh_token'],
        })
      ).body;
    const lost = await refresh();
    await server.kill();
    await start();
    const again = await refresh();
    expect(again['refresh_token']).toBe(lost['refresh_token']);
    expect((await new Api(server.url).bearer(again['access_token']).get(WEIGHT)).status).toBe(200);
  });
});
