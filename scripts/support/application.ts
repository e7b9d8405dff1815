import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../../src/app.module.js';
import { processConfig } from '../../src/config/config.js';

/** Runs `use` with the service on the settings of this process, which serves nobody; closes it whatever happens. */
export async function withApplication<T>(use: (app: INestApplicationContext) => Promise<T>): Promise<T> {
  const app = await NestFactory.createApplicationContext(AppModule.with(processConfig()), {
    logger: ['error'],
  });
  try {
    return await use(app);
  } finally {
    await app.close();
  }
}
