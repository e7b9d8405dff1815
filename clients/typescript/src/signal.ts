import { bindMethods } from './bound.js';

/** A value that can be watched. `useSyncExternalStore(observable.subscribe, observable.get)` shows it in React. */
export interface Observable<T> {
  readonly value: T;
  /** The value; the same object until it changes. */
  get(): T;
  /** Calls the listener now and after every change. @returns a function that ends it. */
  subscribe(listener: (value: T) => void): () => void;
}

export class Signal<T> implements Observable<T> {
  private readonly listeners = new Set<(value: T) => void>();

  constructor(private current: T) {
    bindMethods(this);
  }

  get value(): T {
    return this.current;
  }

  get(): T {
    return this.current;
  }

  set(value: T): void {
    this.current = value;
    for (const listener of this.listeners) listener(value);
  }

  subscribe(listener: (value: T) => void): () => void {
    // A separate function, so that the same listener can subscribe twice.
    const own = (value: T): void => listener(value);
    this.listeners.add(own);
    own(this.current);
    return () => this.listeners.delete(own);
  }
}
