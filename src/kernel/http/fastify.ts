import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import fastifyCors from '@fastify/cors';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../../config/config.js';
import type { Logger } from '../../platform/logger.js';
import { limitConnections } from '../throttle/connection-limits.js';
import { ALWAYS, answerBare } from './bare-answer.js';
import { compressAnswers } from './compression.js';
import { parseJson } from './json.js';
import { Problem } from './problem.js';
import { requestId } from './request-id.js';
import { faultOfRequestLine, METHODS, routableUrl } from './request-line.js';
import { rememberOrigin } from './request-origin.js';
import { serialize } from './serialize.js';
import { acceptUploads, limitBodyTime, UPLOAD_MS } from './uploads.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The bytes of the body. Set only when the request has a `Content-Digest`. */
    rawBody?: Buffer;
  }

  interface FastifyContextConfig {
    /** Whether the route accepts a form. Other routes refuse forms, because any site can make a browser send one. */
    takesForm?: boolean;
  }
}

/** Refuses a request whose limit is used up. Undefined where nothing has to be waited for. */
type Limit = (request: FastifyRequest, reply: FastifyReply) => Promise<void> | undefined;

/** A connection, with the answer that Node writes to it. */
type Connection = Socket & { readonly _httpMessage?: ServerResponse };

/** Limits that are applied before a request is read, and while its answer is sent. */
interface Limits {
  readonly limit: Limit;
  /** Whether a request may be handled, although earlier answers on its connection are not taken yet. */
  readonly arrive: (request: FastifyRequest) => boolean;
  readonly watch: (request: FastifyRequest, reply: FastifyReply, payload: unknown) => void;
  /** The answer is compressed, and takes only so many bytes. */
  readonly compressed: (request: FastifyRequest, bytes: number) => void;
}

const MAX_BODY_BYTES = 1_048_576;
const MAX_HEADER_BYTES = 16_384;
/** A larger body takes several milliseconds to parse. */
const LARGE_BYTES = 131_072;
/** Response headers that a browser may read across origins. */
const EXPOSED = [
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'ETag',
  'X-Request-Id',
  'Idempotency-Replayed',
  'Location',
];

/** Makes the HTTP server, with limits on what it reads and on how long it waits for slow or hostile clients. */
export function createAdapter(config: Config): FastifyAdapter {
  return new FastifyAdapter({
    trustProxy: (_address: string, hop: number) => hop < config.env.TRUST_PROXY,
    bodyLimit: MAX_BODY_BYTES,
    // The router applies its own limit before any hook runs, so `faultOfRequestLine` limits the whole URL instead.
    routerOptions: { maxParamLength: MAX_HEADER_BYTES, ignoreTrailingSlash: false },
    rewriteUrl: routableUrl,
    // Of requests without a file, `limitBodyTime` ends those that take longer than 30 seconds.
    requestTimeout: UPLOAD_MS,
    keepAliveTimeout: 65_000,
    // While the server closes, requests on open connections are still answered; the port takes no new connections.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    genReqId: requestId,
    requestIdHeader: false,
    clientErrorHandler: answerUnreadable,
    http: {
      headersTimeout: 10_000,
      connectionsCheckingInterval: 2_000,
      maxHeaderSize: MAX_HEADER_BYTES,
      // Node would answer an empty 400. `faultOfRequestLine` answers with a problem document.
      requireHostHeader: false,
    },
  });
}

/** Adds the hooks, headers and body parsers that apply to every request. Call it before the routes are registered. */
export async function configureFastify(
  app: NestFastifyApplication,
  config: Config,
  logger: Logger,
  { limit, arrive, ...sending }: Limits,
): Promise<void> {
  const instance = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  configureServer(instance);
  limitConnections(instance.server, config.env, logger);
  limitPipeline(instance, arrive);
  limitBodyTime(instance);
  instance.addHook('onRequest', (request, reply, done) => {
    reply.headers(ALWAYS).header('X-Request-Id', request.id);
    done();
  });
  // Before CORS, which answers each of them.
  instance.addHook('onRequest', (request, reply, done) =>
    request.method === 'OPTIONS' ? applyLimit(limit, request, reply, done) : done(),
  );
  await instance.register(fastifyCors, {
    // A list of none, not false: with false a refused preflight would be an unknown operation.
    origin: (origin, done) => done(null, origin !== undefined && config.allowsOrigin(origin) ? [origin] : []),
    credentials: false,
    methods: [...METHODS],
    exposedHeaders: EXPOSED,
    maxAge: 600,
    // Otherwise an OPTIONS request that is not a preflight is refused in plain text.
    strictPreflight: false,
  });
  await sendAnswers(instance, sending);
  addBodyParsers(instance);
  instance.addHook('onRequest', (request, reply, done) => applyLimit(limit, request, reply, done));
  instance.addHook('onRequest', (request, _reply, done) => done(faultOfRequestLine(request)));
  await acceptUploads(instance, config.maxImportBytes);
  instance.addHook('preValidation', rememberOrigin);
  instance.addHook('onResponse', (request, reply, done) => {
    logRequest(logger, request, reply);
    done();
  });
}

async function sendAnswers(
  instance: FastifyInstance,
  { watch, compressed }: Pick<Limits, 'watch' | 'compressed'>,
): Promise<void> {
  // Before compression, which turns the answer into a stream.
  instance.addHook('onSend', (request, reply, payload, done) => {
    watch(request, reply, payload);
    done();
  });
  await compressAnswers(instance, compressed);
  // Fastify's type knows only texts, but Fastify sends a Buffer as well.
  instance.setReplySerializer(serialize as (answer: unknown) => string);
}

function configureServer({ server }: FastifyInstance): void {
  server.on('connect', (_request, socket: Connection) => {
    // Behind another request of the connection, this answer would be taken for the answer to that one.
    if (socket._httpMessage) socket.destroy();
    else answerBare(socket, new Problem('method-not-allowed'));
  });
  // A server may ignore an unknown expectation (RFC 9110, 10.1.1). Node would answer an empty 417.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
}

/** A request that may not be handled gets no answer: its connection is closed. */
function limitPipeline(instance: FastifyInstance, arrive: Limits['arrive']): void {
  instance.addHook('onRequest', (request, _reply, done) => {
    if (arrive(request)) done();
  });
}

function addBodyParsers(instance: FastifyInstance): void {
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser('application/json', { parseAs: 'buffer' }, readJson);
  instance.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, readForm);
}

/** Fastify waits for a promise that a hook returns, and for the call of `done` where there is none. */
function applyLimit(
  limit: Limit,
  request: FastifyRequest,
  reply: FastifyReply,
  done: () => void,
): Promise<void> | undefined {
  const limited = limit(request, reply);
  if (!limited) done();
  return limited;
}

function readJson(
  request: FastifyRequest,
  body: Buffer,
  done: (error: Error | null, body?: unknown) => void,
): void {
  try {
    if (request.headers['content-encoding'] !== undefined) throw new Problem('unsupported-media-type');
    if (request.headers['content-digest'] !== undefined) request.rawBody = body;
    // Many clients send a content type with every request, also with requests that have no body.
    const isBodiless = body.length === 0 && request.method === 'DELETE';
    const parsed = isBodiless ? undefined : parseJson(body);
    // Parsing a large body has taken a while, so others are served before the rest is done.
    if (body.length > LARGE_BYTES) setImmediate(done, null, parsed);
    else done(null, parsed);
  } catch (error) {
    done(error as Error);
  }
}

function readForm(
  request: FastifyRequest,
  body: string,
  done: (error: Error | null, body?: unknown) => void,
): void {
  if (request.routeOptions.config.takesForm) done(null, Object.fromEntries(new URLSearchParams(body)));
  else done(new Problem('unsupported-media-type'));
}

/** Logs the route's pattern, never the URL: a path or a query may contain personal data. */
function logRequest(logger: Logger, request: FastifyRequest, reply: FastifyReply): void {
  const fields = {
    request_id: request.id,
    method: request.method,
    route: request.routeOptions.url ?? 'none',
    status: reply.statusCode,
    duration_ms: Math.round(reply.elapsedTime * 10) / 10,
    // The person who sent the request, also when the data belongs to another person.
    ...(request.user ? { user_id: request.user.viewerId ?? request.user.userId } : {}),
  };
  logger.info(fields, 'request');
}

/**
 * Answers input that Node's HTTP parser refuses. No request object exists for it, so the answer is written to the socket
 * and the connection is closed.
 */
function answerUnreadable(error: Error & { code?: string }, socket: Connection): void {
  if (error.code === 'ECONNRESET' || !socket.writable || socket._httpMessage?.headersSent) {
    socket.destroy();
    return;
  }
  answerBare(
    socket,
    new Problem(error.code === 'HPE_HEADER_OVERFLOW' ? 'headers-too-large' : 'malformed-request'),
  );
}
