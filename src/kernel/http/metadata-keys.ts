/*
 * The metadata keys of decorators, read from what they decorate, where their packages do not export them.
 */

export function keysOnClass(decorator: ClassDecorator): string[] {
  class Decorated {}
  decorator(Decorated);
  return Reflect.getMetadataKeys(Decorated) as string[];
}

export function keysOnMethod(decorator: MethodDecorator): string[] {
  const method = (): void => undefined;
  decorator({}, method.name, { value: method as never });
  return Reflect.getMetadataKeys(method) as string[];
}
