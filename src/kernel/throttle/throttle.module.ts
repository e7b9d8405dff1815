import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { ThrottlerModule } from '@nestjs/throttler';
import { Config } from '../../config/config.js';
import { ArrivalLimits } from './arrival-limits.js';
import { WINDOW_MS } from './budget.js';
import { CounterStorage } from './counter-storage.js';
import { CountersModule } from './counters.module.js';
import { RouteBudgets } from './route-budgets.js';
import { ThrottleGuard } from './throttle.guard.js';

/** The limits on the number of requests. */
@Module({
  imports: [
    CountersModule,
    DiscoveryModule,
    ThrottlerModule.forRootAsync({
      inject: [Config, CounterStorage],
      useFactory: ({ env }: Config, storage: CounterStorage) => ({
        throttlers: [{ limit: env.RATE_LIMIT_PER_MINUTE, ttl: WINDOW_MS }],
        storage,
      }),
    }),
  ],
  providers: [ThrottleGuard, ArrivalLimits, RouteBudgets],
  exports: [ThrottleGuard],
})
export class ThrottleModule {}
