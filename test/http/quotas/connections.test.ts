import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { address, Device, PROTOCOL, statusOf, tokenOf } from '../realtime/support.js';

/*
 * The invariants of the quotas of connections. Each has tests that try to break it.
 * C1 One address, however many connections it opens and whatever it sends, leaves room for the others.
 * C2 The connections that an address has are not ended by further ones, and a closed one makes room.
 * C3 Behind a proxy the address is that of the client, never that of the proxy.
 * C4 One person does not use up the sockets of others at the same address.
 */
const [ONE, OTHER] = ['127.0.0.2', '127.0.0.3'];

describe.runIf(hasDatabase())('quotas of connections', () => {
  let app: TestApp;
  const open: Socket[] = [];
  const sockets: WebSocket[] = [];
  afterEach(async () => {
    for (const socket of open.splice(0)) socket.destroy();
    for (const socket of sockets.splice(0)) socket.terminate();
    await app.stop();
  });

  /** Opens a connection that sends nothing. */
  async function dial(localAddress: string): Promise<Socket> {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(app.url).port), localAddress });
    socket.on('error', () => undefined);
    open.push(socket);
    await once(socket, 'connect');
    return socket;
  }

  /** The first line of the answer to a request; `closed` when there is none. */
  const request = (socket: Socket, headers = ''): Promise<string> =>
    new Promise((resolve) => {
      if (socket.destroyed) return resolve('closed');
      const end = (line: string): void => {
        socket.off('data', read).off('close', leave);
        resolve(line);
      };
      const read = (data: Buffer): void => end(String(data).split('\r\n')[0] ?? '');
      const leave = (): void => end('closed');
      socket.on('data', read).on('close', leave);
      socket.write(`GET /health/live HTTP/1.1\r\nHost: hale\r\n${headers}\r\n`);
    });

  const status = async (localAddress: string): Promise<string> => request(await dial(localAddress));

  /** Opens connections in a burst. @returns those that answer a request. */
  async function burst(count: number, localAddress: string): Promise<Socket[]> {
    const sockets = await Promise.all(Array.from({ length: count }, () => dial(localAddress)));
    const answers = await Promise.all(sockets.map((socket) => request(socket)));
    return sockets.filter((_, index) => answers[index] === 'HTTP/1.1 200 OK');
  }

  it('C1 five thousand connections that one address keeps open leave room for another', async () => {
    app = await TestApp.start();
    let kept = 0;
    for (let count = 0; count < 5_000; count += 250) kept += (await burst(250, ONE)).length;
    expect(kept).toBe(1_000);
    expect(await status(ONE)).toBe('closed');
    expect(await status(OTHER)).toBe('HTTP/1.1 200 OK');
    expect((await app.api.get('/health/live')).status).toBe(200);
  });

  it('C1 C2 a burst gets as many as are allowed, which stay, and a closed one makes room', async () => {
    app = await TestApp.start({ env: { QUOTA_CONNECTIONS_PER_ADDRESS: '20' } });
    const kept = await burst(60, ONE);
    expect(kept).toHaveLength(20);
    expect(await status(ONE)).toBe('closed');
    expect(await status(OTHER)).toBe('HTTP/1.1 200 OK');
    for (const socket of kept) expect(await request(socket)).toBe('HTTP/1.1 200 OK');
    const closing = kept.splice(0, 5);
    for (const socket of closing) {
      socket.end();
      await once(socket, 'close');
    }
    expect(await burst(10, ONE)).toHaveLength(5);
  });

  it('C2 a connection that asks for an upgrade in vain counts once', async () => {
    app = await TestApp.start({ env: { QUOTA_CONNECTIONS_PER_ADDRESS: '3' } });
    const socket = await dial(ONE);
    for (let count = 0; count < 10; count++)
      expect(await request(socket, 'Connection: Upgrade\r\nUpgrade: h2c\r\n')).toBe('HTTP/1.1 200 OK');
    const others = await burst(4, ONE);
    expect(others).toHaveLength(2);
    for (const one of [socket, ...others]) {
      one.end();
      await once(one, 'close');
    }
    expect(await burst(5, ONE)).toHaveLength(3);
  });

  it('C3 behind a proxy the connections of the proxy are not limited, and its clients have sockets each', async () => {
    app = await TestApp.start({
      env: { QUOTA_CONNECTIONS_PER_ADDRESS: '20', QUOTA_SOCKETS_PER_ADDRESS: '3', TRUST_PROXY: '1' },
    });
    const from = (forwarded: string) => ({ headers: { 'x-forwarded-for': forwarded } });
    expect(await burst(40, ONE)).toHaveLength(40);
    const [ada, bob] = [await app.api.register(), await app.api.register()];
    const devices = [
      await Device.join(ada, from('2001:db8::1')),
      await Device.join(ada, from('2001:db8::2')),
      await Device.join(bob, from('203.0.113.9, 2001:db8::3')),
    ];
    const withToken = [PROTOCOL, `bearer.${tokenOf(bob)}`];
    expect(await statusOf(address(app.url), withToken, from('2001:db8::4'))).toBe(429);
    expect(await statusOf(address(app.url), withToken, from('2001:db8:0:1::4'))).toBe(101);
    await devices[0]?.leave();
    expect(await statusOf(address(app.url), withToken, from('2001:db8::4'))).toBe(101);
    await Promise.all(devices.map((device) => device.leave()));
  });

  it('C1 a burst of sockets gets as many as are allowed, and another address has its own', async () => {
    app = await TestApp.start({ env: { QUOTA_SOCKETS: '2', QUOTA_SOCKETS_PER_ADDRESS: '5' } });
    const people = await Promise.all(Array.from({ length: 4 }, () => app.api.register()));
    const elsewhere = await Device.join(people[0]!, { localAddress: OTHER });
    const attempts = await Promise.all(
      people.slice(1).flatMap((person) =>
        [1, 2].map(async () => {
          const socket = new WebSocket(address(app.url), [PROTOCOL, `bearer.${tokenOf(person)}`], {
            localAddress: ONE,
          });
          sockets.push(socket);
          const event = await new Promise<string>((resolve) => {
            socket.once('open', () => resolve('open')).once('error', ({ message }) => resolve(message));
          });
          return event;
        }),
      ),
    );
    expect(attempts.toSorted()).toEqual(['Unexpected server response: 429', ...Array(5).fill('open')]);
    await elsewhere.settle();
    const another = await Device.join(people[0]!, { localAddress: OTHER });
    await Promise.all([another.leave(), elsewhere.leave()]);
  });

  it('C4 one person has as many sockets as are allowed, and keeps them', async () => {
    app = await TestApp.start({ env: { QUOTA_SOCKETS: '2' } });
    const [ada, bob] = [await app.api.register(), await app.api.register()];
    const hers = [await Device.join(ada), await Device.join(ada)];
    const third = await Device.open(ada);
    expect(await third.closed()).toBe(4408);
    const his = await Device.join(bob);
    for (const device of [...hers, his]) {
      await device.settle();
      await device.leave();
    }
  });
});
