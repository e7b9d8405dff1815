import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { Config } from './config/config.js';
import { AnswerMemory } from './kernel/answers/answer-memory.js';
import { SlowReaders } from './kernel/answers/slow-readers.js';
import { DeadLetters } from './kernel/events/dead-letters.js';
import { configureFastify } from './kernel/http/fastify.js';
import { SocketRegistry } from './kernel/sockets/socket-registry.js';
import { SocketAdapter } from './kernel/sockets/socket.adapter.js';
import { ArrivalLimits } from './kernel/throttle/arrival-limits.js';
import { RouteBudgets } from './kernel/throttle/route-budgets.js';
import { serveDocs } from './modules/operations/docs/swagger-ui.js';
import { Metrics } from './modules/operations/monitoring/metrics.js';
import { Background } from './platform/background.js';
import { Logger } from './platform/logger.js';

/** The options of `NestFactory.create` that {@link setUp} requires. */
export const applicationOptions = { bodyParser: false, bufferLogs: true, abortOnError: false } as const;

/** Prepares the application for listening. `main` and the tests share it. */
export async function setUp(app: NestFastifyApplication): Promise<void> {
  const config = app.get(Config);
  const logger = app.get(Logger);
  app.useLogger(logger);
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  app.get(RouteBudgets).mark();
  const arrivals = app.get(ArrivalLimits);
  const readers = app.get(SlowReaders);
  await configureFastify(app, config, logger, {
    arrive: (request) => readers.arrive(request),
    limit: (request, reply) => arrivals.check(request, reply),
    watch: (request, reply, payload) => readers.watch(request, reply, payload),
    compressed: (request, bytes) => readers.resize(request, bytes),
  });
  app.useWebSocketAdapter(new SocketAdapter(app));
  if (config.env.METRICS_TOKEN !== undefined) observe(app, fastify);
  if (config.servesDocs) serveDocs(app);
  await app.init();
  await fastify.ready();
  app.get(Background).start();
}

function observe(app: NestFastifyApplication, fastify: FastifyInstance): void {
  const metrics = app.get(Metrics);
  const sockets = app.get(SocketRegistry);
  metrics.observe(fastify);
  const deadLetters = app.get(DeadLetters);
  metrics.gauge(
    'outbox_waiting',
    'Events that wait to be delivered.',
    async () => (await deadLetters.count()).waiting,
  );
  metrics.gauge(
    'outbox_dead',
    'Events that could not be delivered.',
    async () => (await deadLetters.count()).dead,
  );
  const answers = app.get(AnswerMemory);
  metrics.gauge('answers_unread_bytes', 'Bytes of answers that clients have not read.', () => answers.unread);
  metrics.gauge('realtime_sockets', 'Open WebSocket connections.', () => sockets.size);
}
