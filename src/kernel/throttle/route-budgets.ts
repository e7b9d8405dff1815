import { Injectable, type Type } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { RouteConfig } from '@nestjs/platform-fastify';
import { DeclarationError } from '../declaration-error.js';
import { PUBLIC } from '../http/actor.js';
import { controllerMethods } from '../http/controller-methods.js';
import { limitOf, unknownLimits } from './route-limits.js';

/** The budget that the requests of a route use: the person's, the address's, the route's own, or none. */
export type RouteBudget = 'person' | 'address' | 'own' | 'none';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Undefined when Fastify answers the route without a controller: no guard runs there. */
    budget?: RouteBudget;
  }
}

type Handler = () => unknown;

/** Stores the budget of each controller route in Fastify's route config, for hooks that run before Nest knows the handler. */
@Injectable()
export class RouteBudgets {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  /** Call it before `app.init()`, which registers the routes. @throws DeclarationError */
  mark(): void {
    const { KEY } = RouteConfig({});
    for (const { controller, prototype, name, handler } of controllerMethods(this.discovery, this.scanner)) {
      for (const limit of [controller, handler].flatMap(unknownLimits))
        throw new DeclarationError(`${controller.name}.${name}: there is no limit "${limit}"; use "default"`);
      const config = this.reflector.get<object | undefined>(KEY, handler);
      const budget = this.budgetOf(handler, controller);
      RouteConfig({ ...config, budget })(prototype, name, { value: handler });
    }
  }

  private budgetOf(handler: Handler, controller: Type): RouteBudget {
    const limit = limitOf(this.reflector, handler, controller);
    if (limit !== 'shared') return limit;
    return this.reflector.getAllAndOverride(PUBLIC, [handler, controller]) ? 'address' : 'person';
  }
}
