import { Global, Module } from '@nestjs/common';
import { Counters } from './counters.js';
import { RateLimitGuard } from './rate-limit.guard.js';

@Global()
@Module({ providers: [Counters, RateLimitGuard], exports: [Counters, RateLimitGuard] })
export class LimitsModule {}
