import { Global, Injectable, Module } from '@nestjs/common';

/** The current time. It is injected so that a test can change it; no other code calls `new Date()` without arguments. */
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
