import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { unbundledFile } from '../../tools/support/built.js';
import { type RunningServer, startServer } from '../../tools/support/server.js';
import { Device, PROTOCOL, write } from '../http/realtime/support.js';
import { Api } from '../support/api.js';
import { SECRET } from '../support/app.js';
import { createEmptyDatabase, hasDatabase, type TestDatabase } from '../support/database.js';

const PATIENCE_MS = 10_000;

describe.runIf(hasDatabase())('R11: /ws/sync when the service ends', () => {
  let database: TestDatabase;
  let server: RunningServer;
  beforeAll(async () => {
    database = await createEmptyDatabase();
  });
  afterEach(() => server.kill());
  afterAll(() => database.drop());

  const start = async (): Promise<Api> => {
    const env = {
      NODE_ENV: 'test',
      PORT: '0',
      DATABASE_URL: database.url,
      JWT_SECRET: SECRET,
      RATE_LIMIT_PER_MINUTE: '1000000',
      LOG_LEVEL: 'debug',
    };
    // Not the bundle that other tests start, so that the build itself is started too.
    server = await startServer(env, unbundledFile('src/main.js'));
    return new Api(server.url).register();
  };

  it('R11: sends 1001 to all clients and exits with 0 in time, although some do not answer', async () => {
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

  it('80, R11: with the production policy a write causes a poke, and the log contains no token', async () => {
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
