import type { Child } from './child.js';
import { send, type Slice, type Traffic } from './load.js';
import { median, spread } from './statistics.js';

export interface Target {
  readonly of: 'ratio' | 'perSecond' | 'p95';
  readonly atLeast?: number;
  readonly below?: number;
}

export interface Case {
  readonly name: string;
  readonly clients: number;
  /** The unit of the rate, and how many units one request has. */
  readonly unit: 'requests' | 'items';
  readonly size: number;
  readonly service: Traffic;
  /** The same requests to the bare program, if there is a comparison. */
  readonly bare?: Traffic;
  readonly targets: readonly Target[];
}

/** One line of the table. */
export interface Result {
  readonly name: string;
  readonly clients?: number;
  readonly unit?: 'requests' | 'items';
  readonly perSecond?: number;
  readonly bare?: number;
  readonly ratio?: number;
  readonly p95?: number;
  /** Milliseconds of processor time per request in the process. */
  readonly cpu?: number;
  readonly bareCpu?: number;
  /** Seconds or MiB, for results without traffic. */
  readonly value?: string;
  /** Difference between the slowest and the fastest slice of the service, as a share of the median. */
  readonly noise?: number;
  readonly target: string;
  readonly isMet: boolean;
}

/** The two processes that are compared. */
interface Programs {
  readonly service: Child;
  readonly bare: Child;
}

const SLICES = 8;
const WARM_UP_SECONDS = 2;

/** Service and bare program alternate, so that other load of the machine slows both. */
export async function measure(test: Case, programs: Programs, seconds: number): Promise<Result> {
  const { name, clients, unit, size, targets } = test;
  const service = new Side(test.service, programs.service, clients);
  const bare = test.bare && new Side(test.bare, programs.bare, clients);
  for (const side of [service, bare]) await side?.warmUp();
  for (let slice = 0; slice < SLICES; slice++)
    for (const side of [service, bare]) await side?.measure(seconds / SLICES);
  const measured = {
    perSecond: median(service.rates) * size,
    p95: service.p95,
    ...(bare && beside(service, bare)),
  };
  const noise = spread(service.rates);
  return { name, clients, unit, cpu: service.cpu, ...measured, noise, ...judge(targets, measured) };
}

const beside = (service: Side, bare: Side) => ({
  bare: median(bare.rates),
  bareCpu: bare.cpu,
  // By pairs, because both of a pair ran under the same load.
  ratio: median(bare.rates.map((rate, slice) => (service.rates[slice] ?? NaN) / rate)),
});

/** The measurements of one of the two programs. */
class Side {
  private readonly slices: (Slice & { readonly cpu: number })[] = [];

  constructor(
    private readonly traffic: Traffic,
    private readonly program: Child,
    private readonly clients: number,
  ) {}

  async warmUp(): Promise<void> {
    await send(this.traffic, this.clients, WARM_UP_SECONDS);
  }

  async measure(seconds: number): Promise<void> {
    const before = this.program.cpu();
    const slice = await send(this.traffic, this.clients, seconds);
    this.slices.push({ ...slice, cpu: (this.program.cpu() - before) * 1_000 });
  }

  get rates(): number[] {
    return this.slices.map(({ requestsPerSecond }) => requestsPerSecond);
  }

  get p95(): number {
    return median(this.slices.map(({ p95 }) => p95));
  }

  get cpu(): number {
    return median(this.slices.map(({ cpu, requests }) => cpu / requests));
  }
}

type Measured = Partial<Record<Target['of'], number>>;

function judge(targets: readonly Target[], measured: Measured): Pick<Result, 'target' | 'isMet'> {
  return {
    target: targets.map(wording).join(', '),
    isMet: targets.every(({ of, atLeast = -Infinity, below = Infinity }) => {
      const value = measured[of] ?? NaN;
      return value >= atLeast && value < below;
    }),
  };
}

function wording({ of, atLeast, below }: Target): string {
  const unit = { ratio: ' × bare', perSecond: '/s', p95: ' ms' }[of];
  const subject = of === 'p95' ? 'p95 ' : '';
  return `${subject}${below === undefined ? `≥ ${grouped(atLeast)}` : `< ${below}`}${unit}`;
}

/** 10 000: groups of three digits, independent of the system's locale. */
export const grouped = (value = NaN): string => value.toLocaleString('en').replaceAll(',', ' ');
