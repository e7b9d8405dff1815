import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, describe, expect, it } from 'vitest';
import { weight } from '../src/definitions.generated.js';
import { createClient } from '../src/hale.js';
import { Unreachable } from '../src/problem.js';
import { MemoryStorage } from '../src/storage/memory.js';
import { exchange } from '../src/transport.js';
import { problem } from './support/server.js';
import { TestRuntime } from './support/runtime.js';
import { type Phone, World } from './support/world.js';

let world: World;
let phone: Phone;
beforeEach(async () => {
  world = new World();
  phone = await world.open();
});

async function serve(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = () => new Promise<unknown>((resolve) => server.close(resolve).closeAllConnections());
  return { url: `http://127.0.0.1:${port}`, stop };
}

const login = (answer: Response) => {
  world.server.fault = () => answer;
  return phone.hale.login({ email: 'ada', password: 'x' });
};

describe('the message of a problem says what a person can do', () => {
  it.each<[Response, string, string]>([
    [
      problem(401, 'invalid-credentials', { title: 'E-mail or password is wrong' }),
      'invalid-credentials',
      'E-mail or password is wrong',
    ],
    [
      problem(422, 'validation', { errors: [{ message: 'email must be an e-mail' }, { message: 'x' }] }),
      'validation',
      'email must be an e-mail; x',
    ],
    [
      problem(429, 'too-many-attempts', { title: 'Too many sign-in attempts' }, { 'retry-after': '90' }),
      'too-many-attempts',
      'Too many sign-in attempts: try again in 90 s',
    ],
    [
      problem(403, 'email-unverified', { title: 'Verify your e-mail address first' }),
      'email-unverified',
      'Verify your e-mail address first: follow the link that was mailed to you',
    ],
    [
      problem(426, 'upgrade-required', { title: 'The app is too old' }),
      'upgrade-required',
      'The app is too old: update the app; your edits stay on this device',
    ],
    [new Response('<html>', { status: 502 }), 'http-502', 'the server answered 502: try again later'],
    [new Response('', { status: 404 }), 'http-404', 'the server answered 404'],
    [new Response('', { status: 429 }), 'rate-limited', 'the server answered 429'],
  ])('%#', async (answer, code, message) => {
    await expect(login(answer)).rejects.toMatchObject({ name: 'ProblemError', code, message });
  });
});

describe('a request without an answer that can be read', () => {
  it('is not repeated at another origin: a redirect gets neither password nor token', async () => {
    const heard: string[] = [];
    const other = await serve((request, response) => {
      request.on('data', (part) => heard.push(String(part)));
      request.on('end', () => response.end('{}'));
    });
    const portal = await serve((request, response) => {
      response.writeHead(307, { location: `${other.url}${request.url}` }).end();
    });
    const hale = await createClient({ url: portal.url, storage: new MemoryStorage(), kinds: [weight] });
    await expect(hale.login({ email: 'ada', password: 'secret' })).rejects.toThrow(Unreachable);
    expect(heard).toEqual([]);
    await Promise.all([hale.close(), portal.stop(), other.stop()]);
  });

  const ask = (runtime: TestRuntime) => exchange(runtime, new Request('https://api.test/api/sync/pull'));

  /** A browser on a page of another origin, before a server that does not allow it. */
  const browser = (reaches: boolean) => {
    const urls: string[] = [];
    const runtime = new TestRuntime(async (request) => {
      urls.push(`${request.mode} ${request.url}`);
      if (reaches && request.mode === 'no-cors') return Response.error();
      throw new TypeError('Failed to fetch');
    });
    return { runtime: Object.assign(runtime, { origin: 'https://app.test' }), urls };
  };

  it('means in a browser that a reachable server does not allow the page', async () => {
    const { runtime, urls } = browser(true);
    await expect(ask(runtime)).rejects.toEqual(new Unreachable('cors'));
    await expect(ask(runtime)).rejects.toMatchObject({ message: expect.stringContaining('CORS_ORIGINS') });
    expect(urls[1]).toBe('no-cors https://api.test/health/live');
  });

  it('means that there is no connection if the server cannot be reached', async () => {
    await expect(ask(browser(false).runtime)).rejects.toEqual(new Unreachable('network'));
  });

  it('means that there is no connection if an earlier answer was readable', async () => {
    const { runtime } = browser(true);
    const { fetch } = runtime;
    Object.assign(runtime, { fetch: async () => new Response('{}') });
    await ask(runtime);
    Object.assign(runtime, { fetch });
    await expect(ask(runtime)).rejects.toEqual(new Unreachable('network'));
  });

  it('causes no second request outside of browsers', async () => {
    const urls: string[] = [];
    const runtime = new TestRuntime(async ({ url }) => {
      urls.push(url);
      throw new TypeError('lost');
    });
    await expect(ask(runtime)).rejects.toEqual(new Unreachable('network'));
    expect(urls).toHaveLength(1);
  });
});
