import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { Redis } from '../../../platform/redis/redis.js';

/** The database counts as unavailable if it does not answer within this time. */
const PATIENCE_MS = 1_500;

export interface Report {
  readonly status: 'ok' | 'draining' | 'unavailable';
  /** Optional components that are unavailable; the service works without them. */
  readonly degraded: readonly string[];
}

/** Whether this instance should get requests. */
@Injectable()
export class Readiness {
  private draining = false;

  constructor(
    private readonly database: Database,
    private readonly redis: Redis,
  ) {}

  /** Reports "not ready" from then on, so that the load balancer stops sending requests before the port closes. */
  drain(): void {
    this.draining = true;
  }

  async report(): Promise<Report> {
    const degraded = this.redis.state === 'down' ? ['redis'] : [];
    if (this.draining) return { status: 'draining', degraded };
    return { status: (await this.databaseAnswers()) ? 'ok' : 'unavailable', degraded };
  }

  private async databaseAnswers(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, PATIENCE_MS, false);
    });
    const answer = this.database.rows('SELECT 1').then(
      () => true,
      () => false,
    );
    const answered = await Promise.race([answer, patience]);
    clearTimeout(timer);
    return answered;
  }
}
