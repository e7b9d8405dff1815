/** How long a work goes on while others wait, in milliseconds. */
const TURN_MS = 500;

/** Lets a work wait until others have had their turn. It returns at once when nobody waits, or its own turn is not over. */
export type Pass = () => Promise<void>;

/** Of many long works some run at a time, in turns, so that a short one does not wait until long ones have ended. */
export class Turns {
  private readonly waiting: (() => void)[] = [];

  constructor(private free: number) {}

  /** Runs a work when it has its turn. It calls `pass` now and then. */
  async run<Result>(work: (pass: Pass) => Promise<Result>): Promise<Result> {
    if (this.free > 0) this.free -= 1;
    else await this.next();
    let end = performance.now() + TURN_MS;
    const pass = async (): Promise<void> => {
      if (this.waiting.length === 0 || performance.now() < end) return;
      const again = this.next();
      this.give();
      await again;
      end = performance.now() + TURN_MS;
    };
    try {
      return await work(pass);
    } finally {
      this.give();
    }
  }

  /** Resolves when a turn was given to this place in the queue. */
  private next(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private give(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.free += 1;
  }
}
