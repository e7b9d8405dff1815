import { bindMethods } from './bound.js';
import { type Observable, Signal } from './signal.js';

/** What was read from the device, and whether it is being read for the first time. */
export interface Loaded<T> {
  /** Absent until the first read has ended; then the newest that could be read. */
  readonly data?: T;
  readonly isLoading: boolean;
  /** Why the last read failed. */
  readonly error?: unknown;
}

/** A value that is read again whenever it may have changed, as long as somebody subscribes. */
export class Live<T> implements Observable<Loaded<T>> {
  private readonly signal = new Signal<Loaded<T>>({ isLoading: true });
  private subscribers = 0;
  private endWatch = (): void => undefined;
  private isStale = false;
  private isReading = false;

  constructor(
    private readonly read: () => Promise<T>,
    private readonly watch: (listener: () => void) => () => void,
  ) {
    bindMethods(this);
  }

  get value(): Loaded<T> {
    return this.signal.value;
  }

  get(): Loaded<T> {
    return this.signal.value;
  }

  subscribe(listener: (value: Loaded<T>) => void): () => void {
    const end = this.signal.subscribe(listener);
    this.subscribers += 1;
    if (this.subscribers === 1) {
      this.endWatch = this.watch(() => void this.refresh());
      void this.refresh();
    }
    let isSubscribed = true;
    return () => {
      if (!isSubscribed) return;
      isSubscribed = false;
      end();
      this.subscribers -= 1;
      if (this.subscribers === 0) this.endWatch();
    };
  }

  private async refresh(): Promise<void> {
    this.isStale = true;
    if (this.isReading) return;
    this.isReading = true;
    // What changes during a read is read afterwards.
    while (this.isStale) {
      this.isStale = false;
      this.signal.set(await this.load());
    }
    this.isReading = false;
  }

  private async load(): Promise<Loaded<T>> {
    try {
      return { data: await this.read(), isLoading: false };
    } catch (error) {
      return { ...this.signal.value, isLoading: false, error };
    }
  }
}
