import { parsed } from './checks.js';
import type { Operation } from './document.js';
import type { Played } from './play.js';

interface Counts {
  sent: number;
  /** Requests that are valid by the document. */
  valid: number;
  succeeded: number;
  refused: number;
  slowest: number;
}

/** What was sent and answered, by operation. */
export class Statistics {
  requests = 0;
  slowest = 0;
  readonly statuses = new Map<number, number>();
  /** How often a request that is valid by the document was refused with 422, by operation, field and code. */
  readonly refusals = new Map<string, number>();
  private readonly byRoute = new Map<string, Counts>();

  constructor(operations: readonly Operation[]) {
    for (const { route } of operations)
      this.byRoute.set(route, { sent: 0, valid: 0, succeeded: 0, refused: 0, slowest: 0 });
  }

  add(played: readonly Played[]): void {
    for (const one of played) this.count(one);
  }

  /** The operations that no valid request has ever completed. */
  get neverSucceeded(): string[] {
    return [...this.byRoute].filter(([, { succeeded }]) => succeeded === 0).map(([route]) => route);
  }

  table(): string {
    const rows = [...this.byRoute].map(
      ([route, { sent, valid, succeeded, refused, slowest }]) =>
        `| ${route} | ${sent} | ${valid} | ${succeeded} | ${refused} | ${Math.round(slowest)} |`,
    );
    const head =
      '| operation | sent | valid | valid: 2xx, 3xx | valid: 422 | slowest ms |\n|---|---|---|---|---|---|';
    return [head, ...rows].join('\n');
  }

  private count({ step: { operation, damage }, answer }: Played): void {
    this.requests += 1;
    if (typeof answer === 'string') return;
    const { status, milliseconds } = answer;
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    this.slowest = Math.max(this.slowest, milliseconds);
    const counts = this.byRoute.get(operation?.route ?? '');
    if (!counts) return;
    counts.sent += 1;
    counts.slowest = Math.max(counts.slowest, milliseconds);
    if (damage) return;
    counts.valid += 1;
    if (status < 400) counts.succeeded += 1;
    if (status !== 422) return;
    counts.refused += 1;
    for (const name of refusedFields(answer.text)) {
      const key = `${operation?.route} ${name}`;
      this.refusals.set(key, (this.refusals.get(key) ?? 0) + 1);
    }
  }
}

function refusedFields(text: string): string[] {
  const { errors = [], type } = (parsed(text) ?? {}) as {
    type?: string;
    errors?: { field: string; code: string; message: string }[];
  };
  if (errors.length === 0) return [String(type)];
  return errors.map(
    ({ field, code, message }) =>
      `${field.replaceAll(/\.\d+/g, '.n').slice(0, 60)} ${code}: ${message.slice(0, 90)}`,
  );
}
