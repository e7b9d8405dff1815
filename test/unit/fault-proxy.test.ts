import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { startFaultProxy } from '../../tools/support/fault-proxy.js';

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody';

const openSockets = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;

it('closes a connection that is closing when the network fails', async () => {
  const before = openSockets();
  const service = createServer((socket) =>
    socket.on('error', () => undefined).once('data', () => socket.write(ANSWER)),
  );
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
  const proxy = await startFaultProxy((service.address() as AddressInfo).port);
  const cut = proxy.cutNextResponse();
  const client = createConnection({ host: '127.0.0.1', port: proxy.port });
  client.on('error', () => undefined).on('data', () => undefined);
  client.write('GET / HTTP/1.1\r\n\r\n');
  const closed = once(client, 'close');
  await cut;
  proxy.refuse(true);
  await closed;
  await proxy.close();
  service.close();
  await once(service, 'close');
  // A connection that Node drops without closing it would keep the process alive.
  expect(openSockets()).toBeLessThanOrEqual(before);
});
