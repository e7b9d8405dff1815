import type { Type } from '@nestjs/common';
import type { DiscoveryService, MetadataScanner } from '@nestjs/core';

/** A method of a controller. Most of them are route handlers. */
export interface ControllerMethod {
  readonly controller: Type;
  readonly prototype: object;
  readonly name: string;
  readonly handler: () => unknown;
}

/** Lists every method of every controller, for checks that run once at the start. */
export const controllerMethods = (
  discovery: DiscoveryService,
  scanner: MetadataScanner,
): readonly ControllerMethod[] =>
  discovery.getControllers().flatMap(({ metatype }) => {
    if (!metatype) return [];
    const controller = metatype as Type;
    const prototype = controller.prototype as Record<string, (() => unknown) | undefined>;
    return scanner.getAllMethodNames(prototype).flatMap((name) => {
      const handler = prototype[name];
      return handler ? [{ controller, prototype, name, handler }] : [];
    });
  });
