import { Body, Controller, Get, Module, Param, Query, type Type } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { SkipThrottle, Throttle } from '@nestjs/throttler';
import { Ack, ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminOnly, EvenUnverified, Fresh, Public } from '../../../src/kernel/http/actor.js';
import { StringField } from '../../../src/kernel/http/fields.js';
import { Endpoint } from '../../../src/kernel/http/openapi/endpoint.js';
import { Idempotent } from '../../../src/kernel/idempotency/idempotency.interceptor.js';
import type { SocketConnection } from '../../../src/kernel/sockets/socket-connection.js';
import { SocketGateway } from '../../../src/kernel/sockets/socket-gateway.js';
import { TestApp } from '../../support/app.js';
import { createDatabase, hasDatabase, type TestDatabase } from '../../support/database.js';
import { adding, MATCHES, moduleOf } from './support.js';

class GoodDto {
  @StringField({ description: 'A word.', example: 'a', max: 9 }) word!: string;
}
class UncheckedDto {
  word!: string;
}

/** A gateway with one handler, whose decorators are given. */
function gatewayWith(...decorators: MethodDecorator[]): Type {
  @SocketGateway(MATCHES)
  class TestGateway {
    @SubscribeMessage('a')
    a(): void {}
  }
  for (const decorate of decorators) decorate(TestGateway.prototype, 'a', descriptorOf(TestGateway, 'a'));
  return TestGateway;
}

const descriptorOf = (type: Type, name: string): PropertyDescriptor =>
  Object.getOwnPropertyDescriptor(type.prototype, name)!;

function gatewayThatIs(...decorators: ClassDecorator[]): Type {
  const type = gatewayWith();
  for (const decorate of decorators) decorate(type);
  return type;
}

@WebSocketGateway({ path: '/ws/plain' })
class PlainGateway {
  @SubscribeMessage('a')
  a(): void {}
}

@WebSocketGateway({ path: '/ws/sync' })
class IntruderGateway {}

@WebSocketGateway(8081)
class PortGateway {}

class ForgottenGateway {
  @SubscribeMessage('a')
  a(): void {}
}

@Controller('test')
@ApiExcludeController()
class MixedController {
  @Get()
  read(): void {}
  @SubscribeMessage('a')
  a(): void {}
}
@Module({ controllers: [MixedController] })
class MixedModule {}

@SocketGateway({ path: '/ws/sync', protocol: 'hale.other.v1' })
class TwinGateway {}

@SocketGateway({ path: 'ws/matches', protocol: 'hale.matches.v1' })
class PathGateway {}

@SocketGateway({ path: '/ws/matches', protocol: 'hale, other' })
class ProtocolGateway {}

@SocketGateway(MATCHES)
class ConnectionGateway {
  handleConnection(): void {}
}

@SocketGateway(MATCHES)
class HandlersGateway {
  @SubscribeMessage('auth')
  auth(): void {}
  @SubscribeMessage('twice')
  first(): void {}
  @SubscribeMessage('twice')
  second(): void {}
  @SubscribeMessage({ name: 'object' })
  object(): void {}
  @SubscribeMessage('legacy')
  legacy(_client: SocketConnection, _body: GoodDto): void {}
  @SubscribeMessage('half')
  half(@ConnectedSocket() _socket: SocketConnection, _body: GoodDto): void {}
  @SubscribeMessage('one')
  one(@MessageBody('word') _word: string): void {}
  @SubscribeMessage('any')
  any(@MessageBody() _body: unknown): void {}
  @SubscribeMessage('unchecked')
  unchecked(@MessageBody() _body: UncheckedDto): void {}
  @SubscribeMessage('query')
  query(@Query() _query: GoodDto): void {}
  @SubscribeMessage('param')
  param(@Param('id') _id: string): void {}
  @SubscribeMessage('ack')
  ack(@Ack() _ack: () => void): void {}
  @SubscribeMessage('good')
  good(@Body() _body: GoodDto): void {}
}

const provided = moduleOf(gatewayWith());
@Module({ providers: [{ provide: 'gateway', useFactory: () => new (gatewayWith())() }] })
class FactoryModule {}
const twice = gatewayWith();
@Module({ providers: [twice], imports: [moduleOf(twice)] })
class TwiceModule {}

const refused: Readonly<Record<string, readonly [Type, string | readonly string[]]>> = {
  "a gateway without the base, with Nest's own decorator": [
    moduleOf(PlainGateway),
    'PlainGateway: use @SocketGateway of kernel/sockets, not @WebSocketGateway',
  ],
  'one that would listen to the sockets of another': [moduleOf(IntruderGateway), 'IntruderGateway: use'],
  'one on a port of its own': [moduleOf(PortGateway), 'PortGateway: use @SocketGateway'],
  'handlers of messages in a class that is no gateway': [
    moduleOf(ForgottenGateway),
    'ForgottenGateway.a: messages need a class with @SocketGateway',
  ],
  'handlers of messages in a controller': [MixedModule, 'MixedController.a: messages need a class'],
  'two gateways at one path': [moduleOf(TwinGateway), '/ws/sync has two gateways'],
  'a gateway that is provided twice': [TwiceModule, '/ws/matches has two gateways, or one is provided twice'],
  'a gateway that Nest does not connect': [FactoryModule, 'TestGateway: provide it by its class alone'],
  'a path that is none': [moduleOf(PathGateway), '"ws/matches" is no path for sockets'],
  'a protocol that is none': [moduleOf(ProtocolGateway), '"hale, other" is no name of a subprotocol'],
  handleConnection: [moduleOf(ConnectionGateway), 'ConnectionGateway.handleConnection: Nest would neither'],
  'handlers that would get nothing, or what nobody has checked': [
    moduleOf(HandlersGateway),
    [
      'HandlersGateway.auth: "auth" is the sign-in; implement OnSignIn to answer it',
      'HandlersGateway: two handlers of "twice"',
      'HandlersGateway.object: the name of a message is a text',
      'HandlersGateway.legacy: each parameter needs @MessageBody(), @ConnectedSocket() or @CurrentActor()',
      'HandlersGateway.half: each parameter needs',
      'HandlersGateway.one: take the whole message as a contract class, not one field of it',
      'HandlersGateway.any, message: Object is not a contract class',
      'HandlersGateway.unchecked, message: UncheckedDto has no field with a decorator from kernel/http/fields',
      'HandlersGateway.query: a parameter is taken from a request',
      'HandlersGateway.param: a parameter is taken from a request',
      'HandlersGateway.ack: a parameter is taken from a request',
    ],
  ],
  '@Public on a handler': [moduleOf(gatewayWith(Public('x'))), 'TestGateway.a: @Public is for requests'],
  '@Public on a gateway': [moduleOf(gatewayThatIs(Public('x'))), 'TestGateway: @Public is for requests'],
  '@EvenUnverified': [moduleOf(gatewayWith(EvenUnverified())), '@EvenUnverified is for requests'],
  '@Endpoint': [
    moduleOf(gatewayWith(Endpoint({ summary: 'x' }) as MethodDecorator)),
    '@Endpoint is for requests',
  ],
  '@Idempotent': [moduleOf(gatewayWith(Idempotent())), '@Idempotent is for requests'],
  '@SkipThrottle': [moduleOf(gatewayWith(SkipThrottle())), '@Throttle is for requests'],
  '@Throttle on a gateway': [
    moduleOf(gatewayThatIs(Throttle({ default: { limit: 1, ttl: 1 } }))),
    'TestGateway: @Throttle is for requests',
  ],
  '@AdminOnly on a gateway': [moduleOf(gatewayThatIs(AdminOnly())), 'TestGateway: guards look at messages'],
  '@Fresh on a gateway': [moduleOf(gatewayThatIs(Fresh())), 'TestGateway: guards look at messages'],
};

describe.runIf(hasDatabase())('what would be passed over in silence stops the start', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.drop());

  it.each(Object.entries(refused))('%s', async (_, [module, lines]) => {
    const start = TestApp.start({ database, override: adding(module) }).then((app) => app.stop());
    const error = await start.then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error?.constructor.name).toBe('DeclarationError');
    for (const line of [lines].flat()) expect(error?.message).toContain(line);
    expect(error?.message).not.toContain('HandlersGateway.good');
  });

  it('a gateway that is right does not', async () => {
    const app = await TestApp.start({ database, override: adding(provided) });
    await app.stop();
  });
});
