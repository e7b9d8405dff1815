import { type DynamicModule, Module } from '@nestjs/common';
import { Config } from './config.js';

/** Provides the {@link Config} of this process to all modules. */
@Module({})
export class ConfigModule {
  static with(config: Config): DynamicModule {
    return {
      module: ConfigModule,
      global: true,
      providers: [{ provide: Config, useValue: config }],
      exports: [Config],
    };
  }
}
