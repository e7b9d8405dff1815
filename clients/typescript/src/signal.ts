/** A value that can be watched. */
export interface Observable<T> {
  readonly value: T;
  /** Calls the listener now and after every change; the result ends it. */
  subscribe(listener: (value: T) => void): () => void;
}

export class Signal<T> implements Observable<T> {
  private readonly listeners = new Set<(value: T) => void>();

  constructor(private current: T) {}

  get value(): T {
    return this.current;
  }

  set(value: T): void {
    this.current = value;
    for (const listener of this.listeners) listener(value);
  }

  subscribe(listener: (value: T) => void): () => void {
    // Of its own, so that the same function can listen twice.
    const own = (value: T): void => listener(value);
    this.listeners.add(own);
    own(this.current);
    return () => this.listeners.delete(own);
  }
}
