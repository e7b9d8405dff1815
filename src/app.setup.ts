import { SwaggerModule } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { Config } from './config/config.js';
import { configureFastify } from './kernel/http/fastify.js';
import { describeApi } from './kernel/openapi/openapi.js';
import { Metrics } from './modules/operations/metrics.js';
import { RealtimeAdapter } from './modules/realtime/realtime.adapter.js';
import { Sockets } from './modules/realtime/sockets.js';
import { Background } from './platform/background.js';
import { Logger } from './platform/logger.js';

/** Options of `NestFactory.create` that belong to {@link setUp}. */
export const applicationOptions = { bodyParser: false, bufferLogs: true, abortOnError: false } as const;

/** Everything between the module and a listening server; `main` and the tests share it. */
export async function setUp(app: NestFastifyApplication): Promise<void> {
  const config = app.get(Config);
  const logger = app.get(Logger);
  app.useLogger(logger);
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  await configureFastify(app, config, logger);
  app.useWebSocketAdapter(new RealtimeAdapter(app));
  if (config.env.METRICS_TOKEN !== undefined) observe(app, fastify);
  if (config.servesDocs) serveDocs(app, fastify);
  await app.init();
  await fastify.ready();
  app.get(Background).start();
}

function observe(app: NestFastifyApplication, fastify: FastifyInstance): void {
  const metrics = app.get(Metrics);
  const sockets = app.get(Sockets);
  metrics.observe(fastify);
  metrics.gauge('realtime_sockets', 'Open connections to /ws/sync.', () => sockets.size);
}

/** Swagger UI runs scripts of its own origin; nothing else of the service is a page. */
const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

function serveDocs(app: NestFastifyApplication, fastify: FastifyInstance): void {
  fastify.addHook('onSend', async (request, reply) => {
    if (/^\/docs(?:[/?]|$)/.test(request.url)) reply.header('Content-Security-Policy', DOCS_POLICY);
  });
  SwaggerModule.setup('docs', app, () => describeApi(app), {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
    customSiteTitle: 'Hale API',
    customCss: DOCS_STYLE,
    swaggerOptions: {
      persistAuthorization: true,
      displayRequestDuration: true,
      tryItOutEnabled: true,
      // Schemas are there, folded: bodies are shown by example.
      defaultModelsExpandDepth: 0,
      defaultModelExpandDepth: 3,
      // The badge would send the document to another site.
      validatorUrl: null,
    },
  });
}

/** Without the bar that only holds a logo, the choice between one server, and a link to a licence without a text. */
const DOCS_STYLE = `
  .swagger-ui .topbar, .swagger-ui .info__license { display: none }
  .swagger-ui .scheme-container .schemes .schemes-server-container { display: none }
  .swagger-ui .scheme-container .schemes .auth-wrapper { margin-left: auto }
  .swagger-ui .scheme-container { padding: 16px 0 }`;
