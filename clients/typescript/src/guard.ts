/** Sync cannot continue by itself. */
export class SyncError extends Error {
  override readonly name = 'SyncError';

  constructor(readonly code: string) {
    super(code);
  }
}

const MOST = 3;

/** Ends a loop without progress, in which the same request gets the same answer again and again. */
export class LoopGuard {
  private last = '';
  private times = 0;

  /** @throws SyncError `loop` at the third time in a row. */
  check(...signature: readonly unknown[]): void {
    const text = JSON.stringify(signature);
    this.times = text === this.last ? this.times + 1 : 1;
    this.last = text;
    if (this.times >= MOST) throw new SyncError('loop');
  }
}
