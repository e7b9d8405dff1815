import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { applicationOptions, setUp } from './app.setup.js';
import { type Config, ConfigError, processConfig } from './config/config.js';
import { createAdapter } from './kernel/http/fastify.js';
import { describeError } from './platform/logger.js';
import { stopGracefully } from './shutdown.js';

/** The configuration, or one line a mistake and no service. */
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
  console.log(`Hale is ready: ${url}/api`);
  if (config.servesDocs) console.log(`Swagger UI:    ${url}/docs`);
}

const config = readConfig();
try {
  await start(config);
} catch (error) {
  // Not the message: a driver quotes the address with its password.
  console.error(`Hale cannot start: ${JSON.stringify(describeError(error))}`);
  process.exit(1);
}
