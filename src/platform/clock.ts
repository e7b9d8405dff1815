import { Global, Injectable, Module } from '@nestjs/common';

/** The time of this process. Injected, so that a test can move it; nothing else calls `new Date()`. */
@Injectable()
export class Clock {
  /** Milliseconds since 1970 UTC. */
  now(): number {
    return Date.now();
  }

  date(): Date {
    return new Date(this.now());
  }
}

@Global()
@Module({ providers: [Clock], exports: [Clock] })
export class ClockModule {}
