import type { TestingModuleBuilder } from '@nestjs/testing';
import { Clock } from '../../src/platform/clock.js';

/** A clock that a test sets; until then, and after `reset`, the real one. */
export class TestClock extends Clock {
  private offset = 0;

  override now(): number {
    return Date.now() + this.offset;
  }

  /** Moves the server's time, forwards or backwards. */
  advance(milliseconds: number): void {
    this.offset += milliseconds;
  }

  /** For `TestApp.start({ override })`. */
  readonly install = (builder: TestingModuleBuilder): TestingModuleBuilder =>
    builder.overrideProvider(Clock).useValue(this);
}

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const YEAR = 365 * DAY;

/** An instant this far from now, as the wire writes it. */
export const fromNow = (milliseconds: number): string => new Date(Date.now() + milliseconds).toISOString();
