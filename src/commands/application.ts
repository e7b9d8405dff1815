import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../app.module.js';
import { processConfig } from '../config/config.js';

/** Runs `use` with the application context of the service, without serving requests, and always closes it. */
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
