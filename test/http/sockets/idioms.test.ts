import { type CanActivate, Injectable, NotFoundException, UseGuards } from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayDisconnect,
  SubscribeMessage,
  WebSocketServer,
  WsException,
} from '@nestjs/websockets';
import { concat, interval, map, type Observable, of, take } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AdminOnly, CurrentActor, Fresh, type Actor } from '../../../src/kernel/http/actor.js';
import { StringField } from '../../../src/kernel/http/fields.js';
import { Problem } from '../../../src/kernel/http/problem.js';
import { SocketConnection } from '../../../src/kernel/sockets/socket-connection.js';
import { type OnSignIn, SocketGateway } from '../../../src/kernel/sockets/socket-gateway.js';
import type { SocketServer } from '../../../src/kernel/sockets/socket-server.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { MINUTE, TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { all, Log, Phone, times } from '../auth/support.js';
import { Device, HASTY, type Message, policy } from '../realtime/support.js';
import { adding, connect, join, MATCHES, moduleOf } from './support.js';

@Injectable()
class RefusingGuard implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

class Row {
  password = 'secret';
}

const failures: Readonly<Record<string, () => unknown>> = {
  error: () => {
    throw new TypeError('a secret');
  },
  rejection: () => Promise.reject(new Error('a secret')),
  text: () => {
    // Whatever somebody throws.
    // oxlint-disable-next-line no-throw-literal
    throw 'a secret';
  },
  row: () => new Row(),
  bigint: () => ({ t: 'score', score: 1n }),
  circle: () => {
    const message: Record<string, unknown> = { t: 'circle' };
    return Object.assign(message, { message });
  },
};

class FailDto {
  @StringField({ description: 'How.', example: 'error', max: 20 })
  how!: string;
}

@SocketGateway(MATCHES)
class IdiomsGateway implements OnSignIn, OnGatewayDisconnect<SocketConnection> {
  @WebSocketServer() server!: SocketServer;
  left = 0;

  handleSignIn(socket: SocketConnection): void {
    socket.send({ t: 'hello' });
  }

  handleDisconnect(): void {
    this.left += 1;
    throw new Error('a secret');
  }

  @SubscribeMessage('fail')
  fail(@MessageBody() { how }: FailDto): unknown {
    return failures[how]!();
  }

  @SubscribeMessage('who')
  who(@CurrentActor() { userId }: Actor, @ConnectedSocket() socket: SocketConnection): object {
    return { t: 'you', id: userId, is_same: socket.actor.userId === userId };
  }

  @SubscribeMessage('connected')
  connected(): object {
    return { t: 'connected', count: this.server.sockets.size };
  }

  @SubscribeMessage('nothing')
  nothing(): void {}

  @SubscribeMessage('stream')
  stream(): Observable<object> {
    return interval(1).pipe(
      take(3),
      map((number) => ({ t: 'part', number })),
    );
  }

  @SubscribeMessage('endless')
  endless(): Observable<object> {
    return concat(of({ t: 'first' }), interval(1).pipe(map(() => ({ t: 'more' }))));
  }

  @SubscribeMessage('problem')
  problem(): void {
    throw new Problem('not-found', { detail: 'The match is over.' });
  }

  @SubscribeMessage('http')
  http(): void {
    throw new NotFoundException('a secret');
  }

  @SubscribeMessage('ws')
  ws(): void {
    throw new WsException('The match is full');
  }

  @SubscribeMessage('guarded')
  @UseGuards(RefusingGuard)
  guarded(): object {
    return { t: 'never' };
  }

  @SubscribeMessage('admin')
  @AdminOnly()
  admin(): object {
    return { t: 'never' };
  }

  @SubscribeMessage('fresh')
  @Fresh()
  fresh(): object {
    return { t: 'fresh' };
  }
}

describe.runIf(hasDatabase())('what handlers of Nest may do', () => {
  const log = new Log();
  const clock = new TestClock();
  let app: TestApp;
  let ada: Api;
  beforeAll(async () => {
    app = await TestApp.start({
      env: { LOG_LEVEL: 'debug' },
      override: all(
        adding(moduleOf(IdiomsGateway, RefusingGuard)),
        policy(HASTY),
        log.install,
        clock.install,
      ),
    });
    ada = await app.api.register();
  });
  afterAll(() => app.stop());

  /** What is answered to one message of a client that has just signed in. */
  async function answerTo(message: object, person = ada): Promise<Message> {
    const device = await join(person);
    device.say(message);
    const answer = await device.message(() => true, 1);
    await device.leave();
    return answer;
  }

  it('knows who sends a message, and who is connected', async () => {
    expect(await answerTo({ t: 'who' })).toEqual({ t: 'you', id: ada.userId, is_same: true });
    const stranger = await connect(app.url);
    expect(await answerTo({ t: 'connected' })).toEqual({ t: 'connected', count: 1 });
    await stranger.leave();
  });

  it('answers nothing where a handler answers nothing', async () => {
    const device = await join(ada);
    device.say({ t: 'nothing' });
    device.say({ t: 'who' });
    await device.message(({ t }) => t === 'you');
    expect(device.messages.map(({ t }) => t)).toEqual(['hello', 'you']);
    await device.leave();
  });

  it('sends each message of a stream, which ends with its socket', async () => {
    const device = await join(ada);
    device.say({ t: 'stream' });
    await device.message((message) => message['number'] === 2);
    expect(device.messages.slice(1).map((message) => message['number'])).toEqual([0, 1, 2]);
    // The socket is not blocked by a stream that never ends.
    device.say({ t: 'endless' });
    await device.message(({ t }) => t === 'more');
    device.say({ t: 'who' });
    await device.message(({ t }) => t === 'you');
    await device.leave();
    const { server } = app.app.get(IdiomsGateway);
    await vi.waitFor(() => expect(server.sockets.size).toBe(0));
  });

  it('answers a problem by its code, what a guard refuses by "forbidden"', async () => {
    const error = { t: 'error' };
    expect(await answerTo({ t: 'problem' })).toEqual({
      ...error,
      code: 'not-found',
      to: 'problem',
      detail: 'The match is over.',
    });
    expect(await answerTo({ t: 'http' })).toEqual({ ...error, code: 'not-found', to: 'http' });
    expect(await answerTo({ t: 'guarded' })).toMatchObject({ ...error, code: 'forbidden', to: 'guarded' });
    expect(await answerTo({ t: 'ws' })).toMatchObject({ code: 'forbidden', detail: 'The match is full' });
  });

  it('applies the rules of requests to a message: only for admins, only with fresh proof', async () => {
    expect(await answerTo({ t: 'admin' })).toEqual({ t: 'error', code: 'forbidden', to: 'admin' });
    const phone = await Phone.register(app.api);
    const device = await Device.connect(
      app.url,
      [MATCHES.protocol, `bearer.${phone.access}`],
      {},
      MATCHES.path,
    );
    device.say({ t: 'fresh' });
    await device.message(({ t }) => t === 'fresh');
    clock.advance(11 * MINUTE);
    device.say({ t: 'fresh' });
    expect(await device.message(({ t }) => t === 'error')).toMatchObject({ code: 'step-up-required' });
    clock.advance(-11 * MINUTE);
    await device.leave();
  });

  it.each(Object.keys(failures))('answers "internal" when a handler fails: %s', async (how) => {
    log.lines.splice(0);
    const device = await join(ada);
    for (const from of times(4, (index) => index + 1)) {
      device.say({ t: 'fail', how });
      expect(await device.message(() => true, from)).toEqual({ t: 'error', code: 'internal', to: 'fail' });
    }
    device.say({ t: 'who' });
    await device.message(({ t }) => t === 'you');
    await device.leave();
    const errors = log.lines.filter(({ level }) => Number(level) >= 50);
    expect(errors.filter(({ msg }) => msg === 'internal')).toHaveLength(4);
    expect(JSON.stringify(log.lines)).not.toContain('a secret');
  });

  it('tells a gateway of every end, and survives that it fails then', async () => {
    const gateway = app.app.get(IdiomsGateway);
    const before = gateway.left;
    await (await join(ada)).leave();
    const cut = await join(ada);
    cut.socket.terminate();
    await vi.waitFor(() => expect(gateway.left).toBe(before + 2));
    expect((await ada.get('/api/users/me')).status).toBe(200);
  });
});
