import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import type { Config } from './config/config.js';
import { ConfigModule } from './config/config.module.js';
import { AuthenticateGuard } from './kernel/access/authenticate.guard.js';
import { AuthenticationModule } from './kernel/access/authentication.module.js';
import { AuthorizeGuard } from './kernel/access/authorize.guard.js';
import { ClosedAccountFilter } from './kernel/access/closed-account.filter.js';
import { AnswerMemoryInterceptor } from './kernel/answers/answer-memory.interceptor.js';
import { AnswersModule } from './kernel/answers/answers.module.js';
import { AuditModule } from './kernel/audit/audit.module.js';
import { AnswerInterceptor } from './kernel/http/answer.interceptor.js';
import { ContractModule } from './kernel/http/contract.module.js';
import { ContractPipe } from './kernel/http/contract.pipe.js';
import { IdempotencyInterceptor } from './kernel/idempotency/idempotency.interceptor.js';
import { IdempotencyModule } from './kernel/idempotency/idempotency.module.js';
import { ThrottleModule } from './kernel/throttle/throttle.module.js';
import { ThrottleGuard } from './kernel/throttle/throttle.guard.js';
import { LettersModule } from './kernel/letters/letters.module.js';
import { EventsModule } from './kernel/events/events.module.js';
import { SocketsModule } from './kernel/sockets/sockets.module.js';
import { RecordsModule } from './records/records.module.js';
import { HealthModule } from './modules/health/health.module.js';
import { IdentityModule } from './modules/identity/identity.module.js';
import { NutritionModule } from './modules/nutrition/nutrition.module.js';
import { OperationsModule } from './modules/operations/operations.module.js';
import { TrainingModule } from './modules/training/training.module.js';
import { SyncModule } from './modules/sync/sync.module.js';
import { BackgroundModule } from './platform/background.js';
import { ClockModule } from './platform/clock.js';
import { DatabaseModule } from './platform/database/database.module.js';
import { LoggerModule } from './platform/logger.js';
import { MailTransportModule } from './platform/mail/mail-transport.js';
import { RedisModule } from './platform/redis/redis.js';
import { SecretsModule } from './platform/secrets/secrets.module.js';
import { schema } from './schema.js';

/** What applies to every request. */
const EVERYWHERE: readonly Provider[] = [
  { provide: APP_FILTER, useClass: ClosedAccountFilter },
  { provide: APP_PIPE, useClass: ContractPipe },
  // The order matters: the idempotency interceptor stores the wire form that the answer interceptor writes.
  { provide: APP_INTERCEPTOR, useExisting: AnswerMemoryInterceptor },
  { provide: APP_INTERCEPTOR, useExisting: IdempotencyInterceptor },
  { provide: APP_INTERCEPTOR, useClass: AnswerInterceptor },
  // The order matters: authenticate, then throttle, then authorize.
  { provide: APP_GUARD, useExisting: AuthenticateGuard },
  { provide: APP_GUARD, useExisting: ThrottleGuard },
  { provide: APP_GUARD, useExisting: AuthorizeGuard },
];

/** The root module. It lists the modules of the kernel, then the areas of the product. */
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
        AuthenticationModule,
        ContractModule,
        ThrottleModule,
        AnswersModule,
        RecordsModule,
        AuditModule,
        IdempotencyModule,
        EventsModule,
        LettersModule,
        SocketsModule,
        IdentityModule,
        HealthModule,
        NutritionModule,
        TrainingModule,
        SyncModule,
        OperationsModule,
      ],
      providers: [...EVERYWHERE],
    };
  }
}
