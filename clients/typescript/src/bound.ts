/** Binds all methods, so that they work when they are passed on, such as `useSyncExternalStore(status.subscribe, status.get)`. */
export function bindMethods(object: object): void {
  const prototype = Object.getPrototypeOf(object) as object;
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype)))
    if (typeof value === 'function' && name !== 'constructor')
      Object.defineProperty(object, name, { value: value.bind(object) });
}
