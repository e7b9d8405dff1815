import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import type { Config } from './config/config.js';
import { ConfigModule } from './config/config.module.js';
import { AuditModule } from './kernel/audit/audit.module.js';
import { ProblemFilter } from './kernel/http/problem.filter.js';
import { ValidationPipe } from './kernel/http/validation.js';
import { IdempotencyModule } from './kernel/idempotency/idempotency.module.js';
import { LimitsModule } from './kernel/limits/limits.module.js';
import { RateLimitGuard } from './kernel/limits/rate-limit.guard.js';
import { MailModule } from './kernel/mail/mail.module.js';
import { OutboxModule } from './kernel/outbox/outbox.module.js';
import { RecordsModule } from './kernel/records/records.module.js';
import { AccessGuard } from './modules/access/access.guard.js';
import { BackgroundModule } from './platform/background.js';
import { ClockModule } from './platform/clock.js';
import { DatabaseModule } from './platform/database/database.module.js';
import { LoggerModule } from './platform/logger.js';
import { MailTransportModule } from './platform/mail/mail-transport.js';
import { RedisModule } from './platform/redis/redis.js';
import { SecretsModule } from './platform/secrets/secrets.module.js';
import { classesIn } from './discovery.js';
import { schema } from './schema.js';

/** The product: every module there is. A new one is found, not listed. */
const modules = await classesIn('modules', /\.module\.[jt]s$/);

/** The table of contents. */
@Module({})
export class AppModule {
  static with(config: Config): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.with(config),
        BackgroundModule,
        ClockModule,
        LoggerModule,
        SecretsModule,
        DatabaseModule.with(schema),
        RedisModule,
        MailTransportModule,
        LimitsModule,
        RecordsModule,
        AuditModule,
        IdempotencyModule,
        OutboxModule,
        MailModule,
        ...modules,
      ],
      providers: [
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useClass: ValidationPipe },
        // In this order: who is it, then how much have they asked for.
        { provide: APP_GUARD, useExisting: AccessGuard },
        { provide: APP_GUARD, useExisting: RateLimitGuard },
      ],
    };
  }
}
