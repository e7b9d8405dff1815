/*
 * The parts of React that are used. The hooks' own types do not mention React, so apps need no particular version of its types.
 */
declare module 'react' {
  interface Context<T> {
    readonly Provider: unknown;
    readonly value?: T;
  }
  export function createContext<T>(value: T): Context<T>;
  export function createElement(type: unknown, props: object, ...children: unknown[]): unknown;
  export function useContext<T>(context: Context<T>): T;
  export function useMemo<T>(make: () => T, dependencies: readonly unknown[]): T;
  export function useSyncExternalStore<T>(
    subscribe: (listener: () => void) => () => void,
    get: () => T,
    getOnServer?: () => T,
  ): T;
}
