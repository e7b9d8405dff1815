import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { DeclarationError } from '../declaration-error.js';
import { ADMIN, FRESH, PUBLIC, RESOURCE } from '../http/actor.js';
import { type ControllerMethod, controllerMethods } from '../http/controller-methods.js';
import { IDEMPOTENT } from '../idempotency/idempotency.interceptor.js';
import { isDeclared } from './scopes.js';

/** What has no effect on a route that everybody may use: nobody knows who asks. */
const OF_PEOPLE: readonly (readonly [key: string, decorator: string])[] = [
  [ADMIN, '@AdminOnly'],
  [FRESH, '@Fresh'],
  [RESOURCE, '@Shareable'],
  [IDEMPOTENT, '@Idempotent'],
];

/** Stops the start when what a controller declares about access would have no effect. */
@Injectable()
export class AccessDeclarations implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    const methods = controllerMethods(this.discovery, this.scanner);
    const faults = methods.flatMap((method) => this.faultsOf(method));
    if (faults.length > 0) throw new DeclarationError(`Access:\n${[...new Set(faults)].join('\n')}`);
  }

  private faultsOf({ controller, name, handler }: ControllerMethod): string[] {
    const read = (key: string): unknown => this.reflector.getAllAndOverride(key, [handler, controller]);
    const resource = read(RESOURCE) as string | undefined;
    const idle = read(PUBLIC) === undefined ? [] : OF_PEOPLE.filter(([key]) => read(key) !== undefined);
    return [
      // No API key could have a scope for it.
      ...(resource === undefined || isDeclared(resource)
        ? []
        : [`${controller.name} shares "${resource}", which no module declares: see defineResource`]),
      ...idle.map(
        ([, decorator]) => `${controller.name}.${name} is @Public, so ${decorator} would have no effect`,
      ),
    ];
  }
}
