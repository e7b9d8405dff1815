import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { Config } from './config/config.js';
import { Readiness } from './modules/operations/readiness.js';
import { describeError, Logger } from './platform/logger.js';

/** An exit that takes longer is forced. */
const PATIENCE_MS = 10_000;

/**
 * SIGTERM and SIGINT: say "not ready", wait until the load balancer has noticed, close the port, finish what was begun,
 * close the database, exit 0. A defect nobody caught ends the process the same way, with 1: a supervisor starts it anew.
 */
export function stopGracefully(app: NestFastifyApplication): void {
  const logger = app.get(Logger);
  const { DRAIN_DELAY } = app.get(Config).env;
  const dropSilentConnections = watchSilentConnections(app);
  let isStopping = false;

  const stop = async (signal: string, exitCode: number): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    logger.info({ signal }, 'stopping');
    setTimeout(() => process.exit(1), DRAIN_DELAY + PATIENCE_MS).unref();
    app.get(Readiness).drain();
    closeConnectionsAfterAnswer(app);
    await pause(DRAIN_DELAY);
    dropSilentConnections();
    await app.close();
    process.exit(exitCode);
  };

  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal, 0));
  for (const event of ['uncaughtException', 'unhandledRejection'] as const)
    process.on(event, (error: unknown) => {
      logger.error(describeError(error), event);
      void stop(event, 1);
    });
}

/** From now on every answer tells its client to connect anew, elsewhere. */
function closeConnectionsAfterAnswer(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  fastify.server.prependListener('request', (_request, response) => {
    response.shouldKeepAlive = false;
  });
}

/**
 * A connection that has never said anything is not idle to Node, and would hold up the end until its headers time out.
 * @returns what ends those.
 */
function watchSilentConnections(app: NestFastifyApplication): () => void {
  const sockets = new Set<Socket>();
  app.getHttpServer().on('connection', (socket: Socket) => {
    // One whose request asked for an upgrade nobody offers comes here once more.
    if (sockets.has(socket)) return;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return () => {
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  };
}
