import { Injectable, type OnModuleInit, RequestMethod, type Type } from '@nestjs/common';
import { RouteParamtypes } from '@nestjs/common/internal';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { ApiExcludeController, ApiExcludeEndpoint } from '@nestjs/swagger';
import { DeclarationError } from '../declaration-error.js';
import { contractFaults } from './contract-faults.js';
import { type ControllerMethod, controllerMethods } from './controller-methods.js';
import type { Dto } from './field.js';
import { type HandlerArgument, handlerArguments } from './handler-arguments.js';
import { keysOnClass, keysOnMethod } from './metadata-keys.js';
import { schemaNameOf } from './openapi/document.js';
import { type Answers, ANSWERS } from './openapi/endpoint.js';

const SOURCES: Readonly<Record<number, string>> = {
  [RouteParamtypes.BODY]: 'body',
  [RouteParamtypes.QUERY]: 'query',
  [RouteParamtypes.PARAM]: 'parameter of the path',
  [RouteParamtypes.HEADERS]: 'header',
};

/** What @nestjs/swagger stores for routes that are not in the document; the package does not export it. */
const EXCLUDED = [...keysOnClass(ApiExcludeController()), ...keysOnMethod(ApiExcludeEndpoint())];
/** The type of a parameter in TypeScript's metadata, where it is a text, or where the metadata does not tell. */
const TEXTS = new Set<unknown>([String, Object, undefined]);

/** Stops the start when the input of a route cannot be checked completely, or its output cannot be written completely. */
@Injectable()
export class ContractRoutes implements OnModuleInit {
  /** The contract classes of all routes, with those they are made of. */
  private readonly requests = new Set<Dto>();
  private readonly answers = new Set<Dto>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    const methods = controllerMethods(this.discovery, this.scanner);
    const faults = [
      ...methods.flatMap((method) => this.faultsOf(method)),
      ...sharedNames(new Set([...this.requests, ...this.answers])),
    ];
    if (faults.length > 0) throw new DeclarationError(`Contracts:\n${[...new Set(faults)].join('\n')}`);
  }

  private faultsOf({ controller, name, handler }: ControllerMethod): string[] {
    if (this.reflector.get<RequestMethod | undefined>('method', handler) === undefined) return [];
    const where = `${controller.name}.${name}`;
    const paths = [controller, handler].flatMap((it) => this.reflector.get<string | string[]>('path', it));
    return [
      ...handlerArguments(controller, name).flatMap((argument) =>
        this.faultsOfArgument(argument, where, paths),
      ),
      ...this.faultsOfAnswers(controller, handler, where),
    ];
  }

  private faultsOfAnswers(controller: Type, handler: () => unknown, where: string): string[] {
    const answers = this.reflector.get<Answers | undefined>(ANSWERS, handler);
    if (!answers && !EXCLUDED.some((key) => [handler, controller].some((it) => Reflect.hasMetadata(key, it))))
      return [
        `${where}: needs @Endpoint, which says what is answered; or @ApiExcludeEndpoint, if it is no part of the API`,
      ];
    return [answers?.returns, answers?.accepted].flatMap((type) =>
      type ? contractFaults(type as Dto, 'answer', this.answers) : [],
    );
  }

  private faultsOfArgument(
    { kind, data, type, hasPipe }: HandlerArgument,
    where: string,
    paths: readonly string[],
  ): string[] {
    const source = SOURCES[kind];
    if (kind === Number(RouteParamtypes.RAW_BODY))
      return [`${where}: nothing checks @RawBody(); take the body as a contract class`];
    if (source === 'body' || source === 'query') {
      if (data !== undefined)
        return [`${where}: take the whole ${source} as a contract class, not one field of it`];
      return contractFaults(type, 'request', this.requests).map((fault) => `${where}, ${source}: ${fault}`);
    }
    if (source === undefined) return [];
    if (data === undefined)
      return [`${where}: take one ${source} by its name, as text; nothing checks the whole`];
    if (
      kind === Number(RouteParamtypes.PARAM) &&
      !paths.some((path) => new RegExp(`:${String(data)}(?!\\w)`).test(path))
    )
      return [`${where}: the path has no ":${String(data)}", so the parameter would always be undefined`];
    if (TEXTS.has(type) || hasPipe) return [];
    return [`${where}, ${source} ${String(data)}: is a text; a pipe is needed to convert it`];
  }
}

/** In the API document a class is known by its name: one of two with the same name would be described as the other. */
function sharedNames(classes: ReadonlySet<Dto>): string[] {
  const names = [...classes].map(({ name }) => schemaNameOf(name));
  return names
    .filter((name, place) => names.indexOf(name) !== place)
    .map((name) => `Two contract classes are named ${name}: rename one`);
}
