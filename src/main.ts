import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { applicationOptions, setUp } from './app.setup.js';
import { type Config, ConfigError, processConfig } from './config/config.js';
import { DeclarationError } from './kernel/declaration-error.js';
import { createAdapter } from './kernel/http/fastify.js';
import { describeError } from './platform/logger.js';
import { stopGracefully } from './shutdown.js';

/** Reads the configuration. If it is not valid, it prints one line for each mistake and exits with code 1. */
function readConfig(): Config {
  try {
    return processConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const line of error.message.split('\n')) console.error(`Hale cannot start: ${line}`);
    process.exit(1);
  }
}

async function start(config: Config): Promise<void> {
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.with(config),
    createAdapter(config),
    applicationOptions,
  );
  await setUp(app);
  stopGracefully(app);
  await app.listen(config.env.PORT, config.env.HOST);
  const { port } = app.getHttpServer().address() as { port: number };
  const url = `http://${config.env.HOST.includes(':') ? `[${config.env.HOST}]` : config.env.HOST}:${port}`;
  console.log(`Hale is ready: ${url}/`);
  if (config.servesDocs) console.log(`Swagger UI:    ${url}/docs`);
}

const config = readConfig();
try {
  await start(config);
} catch (error) {
  // Of other errors without the message, because a driver quotes the database URL with its password.
  const reason = error instanceof DeclarationError ? error.message : JSON.stringify(describeError(error));
  console.error(`Hale cannot start: ${reason}`);
  process.exit(1);
}
