import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { Config } from './config/config.js';
import { Readiness } from './modules/operations/health/readiness.js';
import { describeError, Logger } from './platform/logger.js';

/** The process is killed when stopping takes longer than this (plus DRAIN_DELAY). */
const PATIENCE_MS = 10_000;

/**
 * Stops the service on SIGTERM and SIGINT: report "not ready", wait until the load balancer has noticed (DRAIN_DELAY), close
 * the port, finish the running requests, close the database, exit 0. An uncaught error stops it in the same way with exit
 * code 1, so that a supervisor starts it again.
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

/** From now on every answer closes its connection, so that the client connects to another instance. */
function closeConnectionsAfterAnswer(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  fastify.server.prependListener('request', (_request, response) => {
    response.shouldKeepAlive = false;
  });
}

/**
 * Tracks connections on which nothing was sent. For Node they are not idle, so they would delay the shutdown until their
 * headers time out.
 * @returns a function that closes these connections.
 */
function watchSilentConnections(app: NestFastifyApplication): () => void {
  const sockets = new Set<Socket>();
  app.getHttpServer().on('connection', (socket: Socket) => {
    // Node emits a connection again when its request asked for an upgrade that the server does not offer.
    if (sockets.has(socket)) return;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return () => {
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  };
}
