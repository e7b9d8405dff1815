import type { Type } from '@nestjs/common';
import { RouteParamtypes } from '@nestjs/common/internal';
import type { MetadataScanner, Reflector } from '@nestjs/core';
import { GATEWAY_METADATA, MESSAGE_METADATA } from '@nestjs/websockets/internal';
import { ADMIN, FRESH, PUBLIC, RESOURCE, UNVERIFIED } from '../http/actor.js';
import { contractFaults } from '../http/contract-faults.js';
import { type HandlerArgument, handlerArguments } from '../http/handler-arguments.js';
import { ANSWERS } from '../http/openapi/endpoint.js';
import { IDEMPOTENT } from '../idempotency/idempotency.interceptor.js';
import { limitOf } from '../throttle/route-limits.js';
import { SOCKET_GATEWAY, type SocketGatewayOptions } from './socket-gateway.js';
import { AUTH } from './socket-messages.js';

/** Decorators that work only for requests. They would have no effect on a handler of messages. */
const OF_REQUESTS: readonly (readonly [key: string, decorator: string])[] = [
  [PUBLIC, '@Public'],
  [UNVERIFIED, '@EvenUnverified'],
  [RESOURCE, '@Shareable'],
  [ANSWERS, '@Endpoint'],
  [IDEMPOTENT, '@Idempotent'],
];

type Method = (...args: unknown[]) => unknown;

interface MessageHandler {
  readonly name: string;
  readonly method: Method;
  readonly message: unknown;
}

/** Lists why a class cannot be a gateway, or must be one: one of its declarations would have no effect. */
export class GatewayFaults {
  constructor(
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  of(type: Type): string[] {
    const handlers = this.handlersOf(type);
    if (!Reflect.hasMetadata(GATEWAY_METADATA, type))
      return handlers.map(({ name }) => `${type.name}.${name}: messages need a class with @SocketGateway`);
    const options = Reflect.getMetadata(SOCKET_GATEWAY, type) as SocketGatewayOptions | undefined;
    if (!options) return [`${type.name}: use @SocketGateway of kernel/sockets, not @WebSocketGateway`];
    return [
      ...faultsOfOptions(type, options),
      ...faultsOfClass(type),
      ...this.faultsOfMetadata(type, type, type.name),
      ...handlers.flatMap((handler) => this.faultsOfHandler(type, handler)),
      ...repeated(handlers).map((message) => `${type.name}: two handlers of "${message}"`),
    ];
  }

  private handlersOf(type: Type): MessageHandler[] {
    const prototype = type.prototype as Record<string, unknown>;
    return this.scanner.getAllMethodNames(prototype).flatMap((name) => {
      const method = prototype[name] as Method;
      const message = Reflect.getMetadata(MESSAGE_METADATA, method) as unknown;
      return message === undefined ? [] : [{ name, method, message }];
    });
  }

  private faultsOfHandler(type: Type, { name, method, message }: MessageHandler): string[] {
    const where = `${type.name}.${name}`;
    const declared = handlerArguments(type, name);
    return [
      ...(typeof message === 'string' ? [] : [`${where}: the name of a message is a text`]),
      ...(message === AUTH ? [`${where}: "${AUTH}" is the sign-in; implement OnSignIn to answer it`] : []),
      ...(method.length > declared.length
        ? [`${where}: each parameter needs @MessageBody(), @ConnectedSocket() or @CurrentActor()`]
        : []),
      ...declared.flatMap((argument) => faultsOfArgument(argument, where)),
      ...this.faultsOfMetadata(type, method, where),
    ];
  }

  private faultsOfMetadata(type: Type, target: Type | Method, where: string): string[] {
    const worn = OF_REQUESTS.filter(([key]) => Reflect.hasMetadata(key, target)).map(([, name]) => name);
    const isThrottled = limitOf(this.reflector, target as () => unknown, type) !== 'shared';
    return [...worn, ...(isThrottled ? ['@Throttle'] : [])].map(
      (decorator) => `${where}: ${decorator} is for requests and would do nothing here`,
    );
  }
}

function faultsOfOptions({ name }: Type, { path, protocol }: SocketGatewayOptions): string[] {
  return [
    ...(/^(\/[a-z][a-z\d-]*)+$/.test(path) ? [] : [`${name}: "${path}" is no path for sockets`]),
    ...(/^[a-z][a-z\d.-]*$/.test(protocol) ? [] : [`${name}: "${protocol}" is no name of a subprotocol`]),
  ];
}

function faultsOfClass(type: Type): string[] {
  const { name } = type;
  const prototype = type.prototype as object;
  return [
    ...('handleConnection' in prototype
      ? [`${name}.handleConnection: Nest would neither wait for it nor catch its errors; implement OnSignIn`]
      : []),
    ...([ADMIN, FRESH].some((key) => Reflect.hasMetadata(key, type))
      ? [`${name}: guards look at messages, not at the sign-in; put their decorators on the handlers`]
      : []),
  ];
}

function faultsOfArgument({ kind, data, type }: HandlerArgument, where: string): string[] {
  // The socket has the number of the request. A decorator of `createParamDecorator` has no number.
  if (Number.isNaN(kind) || kind === Number(RouteParamtypes.REQUEST)) return [];
  if (kind !== Number(RouteParamtypes.BODY)) return [`${where}: a parameter is taken from a request`];
  if (data !== undefined)
    return [`${where}: take the whole message as a contract class, not one field of it`];
  return contractFaults(type, 'request').map((fault) => `${where}, message: ${fault}`);
}

const repeated = (handlers: readonly MessageHandler[]): unknown[] => {
  const messages = handlers.map(({ message }) => message);
  return [...new Set(messages.filter((message, index) => messages.indexOf(message) !== index))];
};
