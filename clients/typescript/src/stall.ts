const PATIENCE_MS = 120_000;

export type Stall = 'not_started' | 'no_data' | 'not_applied';

/** Notices that sync is connected and gets nowhere, and where it hangs. */
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

  /** @param hasWork whether something should be moving. */
  reason(now: number, hasWork: boolean): Stall | undefined {
    if (!hasWork && !this.begun) this.since = undefined;
    else this.since ??= now;
    if (this.since === undefined || now - this.since < PATIENCE_MS) return undefined;
    if (!this.begun) return 'not_started';
    return this.answered ? 'not_applied' : 'no_data';
  }
}
