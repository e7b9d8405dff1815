import type { Type } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/internal';

/** A parameter of a handler, as its decorator declares it. */
export interface HandlerArgument {
  /** What Nest numbers its decorators with; NaN for one made by `createParamDecorator`. */
  readonly kind: number;
  /** Which member of the value the handler takes, if not the whole. */
  readonly data: unknown;
  /** Whether a pipe of the parameter itself converts or checks it. */
  readonly hasPipe: boolean;
  /** The class of the parameter. */
  readonly type: unknown;
}

/** Nest keeps the parameters of a handler under keys of the form `<kind>:<index>`. */
export function handlerArguments(target: Type, name: string): HandlerArgument[] {
  const declared = (Reflect.getMetadata(ROUTE_ARGS_METADATA, target, name) ?? {}) as Record<
    string,
    { readonly index: number; readonly data?: unknown; readonly pipes?: readonly unknown[] }
  >;
  const types = (Reflect.getMetadata('design:paramtypes', target.prototype as object, name) ??
    []) as unknown[];
  return Object.entries(declared).map(([key, { index, data, pipes = [] }]) => ({
    kind: Number(key.split(':')[0]),
    data,
    hasPipe: pipes.length > 0,
    type: types[index],
  }));
}
