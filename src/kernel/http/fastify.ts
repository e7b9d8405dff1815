import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { randomUUID } from 'node:crypto';
import fastifyCors from '@fastify/cors';
import fastifyHelmet from '@fastify/helmet';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../../config/config.js';
import type { Logger } from '../../platform/logger.js';
import type { ErrorCode } from './errors.js';
import { parseJson } from './json.js';
import { Problem } from './problem.js';
import { rememberOrigin } from './request-origin.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The bytes of the body, where the request says what their digest is. */
    rawBody?: Buffer;
  }

  interface FastifyContextConfig {
    /** Whether the route takes a form: any site can make a browser send one. */
    takesForm?: boolean;
  }
}

const MAX_BODY_BYTES = 1_048_576;
const MAX_URL_LENGTH = 4_096;
const MAX_HEADER_BYTES = 16_384;
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** Fields a browser may read across origins. */
const EXPOSED = [
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'ETag',
  'X-Request-Id',
  'Idempotency-Replayed',
  'Location',
];

/** The HTTP server: limits on what it reads and how long it waits for slow or hostile clients. */
export function createAdapter(config: Config): FastifyAdapter {
  return new FastifyAdapter({
    trustProxy: (_address: string, hop: number) => hop < config.env.TRUST_PROXY,
    bodyLimit: MAX_BODY_BYTES,
    // The router's own limit answers before any hook; `guardRequestLine` limits the whole address instead.
    routerOptions: { maxParamLength: MAX_HEADER_BYTES, ignoreTrailingSlash: false },
    frameworkErrors: answerUnroutable,
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
    // A request that arrives while the server closes is still answered; the port is closed to new ones.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    genReqId: requestId,
    requestIdHeader: false,
    clientErrorHandler: answerUnreadable,
    http: {
      headersTimeout: 10_000,
      connectionsCheckingInterval: 2_000,
      maxHeaderSize: MAX_HEADER_BYTES,
      // Node would refuse with an empty 400; `guardRequestLine` refuses with a problem.
      requireHostHeader: false,
    },
  });
}

/** Everything that holds for each request before a route is chosen. */
export async function configureFastify(
  app: NestFastifyApplication,
  config: Config,
  logger: Logger,
): Promise<void> {
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  const { server } = fastify;
  server.maxConnections = 5_000;
  server.on('connect', (_request, socket: Socket) => answerBare(socket, 'method-not-allowed'));
  // An expectation nobody knows may be ignored (RFC 9110, 10.1.1); Node would refuse it with an empty 417.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  fastify.addHook('onRequest', markAnswer);
  await fastify.register(fastifyHelmet, securityHeaders);
  await fastify.register(fastifyCors, {
    origin: [...config.env.CORS_ORIGINS],
    credentials: false,
    methods: [...METHODS],
    exposedHeaders: EXPOSED,
    maxAge: 600,
    // An OPTIONS that is no preflight would be refused as plain text.
    strictPreflight: false,
  });
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, readJson);
  fastify.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, readForm);
  fastify.addHook('onRequest', guardRequestLine);
  fastify.addHook('preValidation', rememberOrigin);
  fastify.addHook('onResponse', async (request, reply) => logRequest(logger, request, reply));
}

const securityHeaders = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      frameAncestors: ["'none'"],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
    },
  },
  strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: true },
  referrerPolicy: { policy: 'no-referrer' },
  crossOriginResourcePolicy: { policy: 'same-origin' },
  crossOriginOpenerPolicy: { policy: 'same-origin' },
  xFrameOptions: { action: 'deny' },
} as const;

/** A client's own id is kept, so that its log and ours can be joined; anything odd is replaced. */
function requestId(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[\w-]{8,64}$/.test(given) ? given : randomUUID();
}

function readJson(
  request: FastifyRequest,
  body: Buffer,
  done: (error: Error | null, body?: unknown) => void,
): void {
  try {
    if (request.headers['content-encoding'] !== undefined) throw new Problem('unsupported-media-type');
    if (request.headers['content-digest'] !== undefined) request.rawBody = body;
    // Many clients name a content type on every request, also on those without a body.
    const isBodiless = body.length === 0 && request.method === 'DELETE';
    done(null, isBodiless ? undefined : parseJson(body));
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

async function markAnswer(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.header('X-Request-Id', request.id).header('Cache-Control', 'no-store');
}

async function guardRequestLine(request: FastifyRequest): Promise<void> {
  if (!METHODS.has(request.method)) throw new Problem('method-not-allowed');
  if (request.headers.host === undefined && request.raw.httpVersion === '1.1')
    throw new Problem('malformed-request', { detail: 'The Host header is missing.' });
  if (request.url.length > MAX_URL_LENGTH) throw new Problem('uri-too-long');
}

/** The route's pattern, never its address: a path or a query may hold somebody's data. */
function logRequest(logger: Logger, request: FastifyRequest, reply: FastifyReply): void {
  const fields = {
    request_id: request.id,
    method: request.method,
    route: request.routeOptions.url ?? 'none',
    status: reply.statusCode,
    duration_ms: Math.round(reply.elapsedTime * 10) / 10,
    // Who asks, also where the data is another person's.
    ...(request.user ? { user_id: request.user.viewerId ?? request.user.userId } : {}),
  };
  logger.info(fields, 'request');
}

/** What Node's parser refuses never becomes a request: the answer is written by hand, and the connection closed. */
function answerUnreadable(
  error: Error & { code?: string },
  socket: Socket & { _httpMessage?: ServerResponse },
): void {
  if (error.code === 'ECONNRESET' || !socket.writable || socket._httpMessage?.headersSent) {
    socket.destroy();
    return;
  }
  answerBare(socket, error.code === 'HPE_HEADER_OVERFLOW' ? 'headers-too-large' : 'malformed-request');
}

/** An address the router cannot decode: no hook runs for it. */
function answerUnroutable(_error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const problem = new Problem('malformed-request', { detail: 'The address is not valid.' });
  reply
    .status(problem.status)
    .headers(bareHeaders(request.id))
    .send(JSON.stringify(problem.body('/', request.id)));
}

function answerBare(socket: Socket, code: ErrorCode): void {
  const id = randomUUID();
  const problem = new Problem(code);
  const body = JSON.stringify(problem.body('/', id));
  const headers = { ...bareHeaders(id), 'Content-Length': Buffer.byteLength(body), Connection: 'close' };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${problem.status} Refused\r\n${lines.join('')}\r\n${body}`);
  // Not `end`: a client that does not hang up would keep its place among the 5 000 until the headers time out.
  socket.destroySoon();
}

/** The headers of an answer that passes no hook; a test holds them equal to those of `securityHeaders`. */
const bareHeaders = (requestId: string): Record<string, string> => ({
  'Content-Type': 'application/problem+json; charset=utf-8',
  'X-Request-Id': requestId,
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none';frame-ancestors 'none';object-src 'none';base-uri 'none';form-action 'none'",
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
});
