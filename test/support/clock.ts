import type { TestingModuleBuilder } from '@nestjs/testing';
import { Clock } from '../../src/platform/clock.js';

/** A clock that a test can move. At first it shows the real time. */
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

/** The instant this many milliseconds from now, in its wire form. */
export const fromNow = (milliseconds: number): string => new Date(Date.now() + milliseconds).toISOString();
