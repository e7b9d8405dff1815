const PATIENCE_MS = 120_000;

export type Stall = 'not_started' | 'no_data' | 'not_applied';

/** Detects that sync has a connection but makes no progress, and in which step. */
export class StallWatch {
  private since: number | undefined;
  private begun = false;
  private answered = false;

  begin(now: number): void {
    this.since ??= now;
    this.begun = true;
  }

  answer(): void {
    this.answered = true;
  }

  progress(now: number): void {
    this.since = now;
    this.answered = false;
  }

  end(): void {
    this.since = undefined;
    this.begun = this.answered = false;
  }

  /** @param hasWork whether there is something to sync. */
  reason(now: number, hasWork: boolean): Stall | undefined {
    if (!hasWork && !this.begun) this.since = undefined;
    else this.since ??= now;
    if (this.since === undefined || now - this.since < PATIENCE_MS) return undefined;
    if (!this.begun) return 'not_started';
    return this.answered ? 'not_applied' : 'no_data';
  }
}
