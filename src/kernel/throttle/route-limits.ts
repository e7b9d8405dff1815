import type { Type } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { SkipThrottle, Throttle } from '@nestjs/throttler';
import { keysOnClass } from '../http/metadata-keys.js';

/** How a route is limited: by the budget over all routes, by its own budget, or not at all. */
export type RouteLimit = 'shared' | 'own' | 'none';

type Handler = () => unknown;

/** The only limit that the throttler is configured with. */
const NAME = 'default';
const SKIP_KEYS = keysOnClass(SkipThrottle());
const LIMIT_KEYS = keysOnClass(Throttle({ [NAME]: { limit: 1, ttl: 1 } }));
const KNOWN_KEYS = [...SKIP_KEYS, ...LIMIT_KEYS];

/** Whether a route uses the budget over all routes, its own budget (`@Throttle`), or none (`@SkipThrottle`). */
export function limitOf(reflector: Reflector, handler: Handler, controller: Type): RouteLimit {
  const read = (key: string): unknown => reflector.getAllAndOverride(key, [handler, controller]);
  if (SKIP_KEYS.some((key) => read(key) === true)) return 'none';
  return LIMIT_KEYS.some((key) => read(key) !== undefined) ? 'own' : 'shared';
}

/** Names that a route gives to limits that do not exist: the throttler ignores them. */
export const unknownLimits = (target: object): string[] =>
  (Reflect.getMetadataKeys(target) as unknown[]).flatMap((key) => {
    if (typeof key !== 'string' || KNOWN_KEYS.includes(key)) return [];
    const prefix = KNOWN_KEYS.map((known) => known.slice(0, -NAME.length)).find((one) => key.startsWith(one));
    return prefix === undefined ? [] : [key.slice(prefix.length)];
  });
