import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, startServer } from '../../scripts/support/server.js';
import { Device, PROTOCOL, write } from '../http/realtime/support.js';
import { Api } from '../support/api.js';
import { SECRET } from '../support/app.js';
import { createDatabase, hasDatabase, type TestDatabase } from '../support/database.js';

const PATIENCE_MS = 10_000;

describe.runIf(hasDatabase())('R11: /ws/sync when the service ends', () => {
  let database: TestDatabase;
  let server: RunningServer;
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterEach(() => server.kill());
  afterAll(() => database.drop());

  const start = async (): Promise<Api> => {
    server = await startServer({
      NODE_ENV: 'test',
      PORT: '0',
      DATABASE_URL: database.url,
      JWT_SECRET: SECRET,
      RATE_LIMIT_PER_MINUTE: '1000000',
      LOG_LEVEL: 'debug',
    });
    return new Api(server.url).register();
  };

  it('R11: sends 1001 to all, and exits with 0 in time, though some do not answer', async () => {
    const ada = await start();
    const devices = [await Device.join(ada), await Device.join(ada), await Device.connect(server.url)];
    const deaf = await Device.join(ada);
    deaf.socket.pause();
    const begin = performance.now();
    const exit = server.stop();
    expect(await Promise.all(devices.map((device) => device.closed()))).toEqual([1001, 1001, 1001]);
    expect(await exit).toEqual({ code: 0, signal: null });
    expect(performance.now() - begin).toBeLessThan(PATIENCE_MS / 2);
    deaf.socket.terminate();
  });

  it('80, R11: with the policy of production a poke follows a write; the log names no token', async () => {
    const ada = await start();
    const device = await Device.join(ada);
    await write(ada);
    expect(await device.poke(1)).toMatchObject({ head: '1' });
    await device.leave();
    await server.stop();
    const { stdout, stderr } = server.output();
    expect(stdout + stderr).not.toContain(ada.account['access_token']);
    expect(stdout + stderr).not.toContain(PROTOCOL);
  });
});
