import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  DatabaseBusyError,
  DatabaseUnavailableError,
  databaseCode,
  isConflict,
  isOverloaded,
  isUnavailable,
} from '../../platform/database/errors.js';
import { Logger, describeError } from '../../platform/logger.js';
import type { ErrorCode } from './errors.js';
import { Problem } from './problem.js';
import { ignoreRest, isUpload } from './uploads.js';

/** The errors that the framework throws before a controller runs, by HTTP status. */
const byStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'malformed-request',
  401: 'unauthenticated',
  // Thrown by Swagger's static files for a path outside their directory.
  403: 'not-found',
  404: 'not-found',
  405: 'method-not-allowed',
  413: 'payload-too-large',
  414: 'uri-too-long',
  415: 'unsupported-media-type',
  431: 'headers-too-large',
};

/** Answers every thrown error as a problem of the catalogue. An unknown error becomes a 500 without details. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    this.answer(error, host);
  }

  protected answer(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const problem = asProblem(error);
    if (problem.status >= 500 && !hasClientLeft(error, request))
      this.logger.error({ request_id: request.id, ...describeError(error) }, problem.code);
    send(reply, problem, request);
  }
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof DatabaseBusyError || isConflict(error) || isOverloaded(error))
    return new Problem('busy', { retryAfter: 2 });
  if (error instanceof DatabaseUnavailableError || isUnavailable(error))
    return new Problem('unavailable', { retryAfter: 5 });
  const status = error instanceof HttpException ? error.getStatus() : statusOf(error);
  const code = byStatus[status ?? 500];
  return new Problem(
    databaseCode(error) === undefined || status !== undefined ? (code ?? 'internal') : 'internal',
  );
}

/** A client that closes its connection before a compressed answer was sent breaks its stream, and nothing of the service. */
const hasClientLeft = (error: unknown, { raw }: FastifyRequest): boolean =>
  error instanceof Error &&
  'code' in error &&
  error.code === 'ERR_STREAM_PREMATURE_CLOSE' &&
  raw.socket.destroyed;

/** The status of an error that Fastify throws. */
function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined;
}

function send(reply: FastifyReply, problem: Problem, request: FastifyRequest): void {
  const { retryAfter } = problem.options;
  if (retryAfter !== undefined) reply.header('Retry-After', String(retryAfter));
  // Stop reading a body that is too large. The connection closes after the answer.
  if (isUpload(request.headers)) ignoreRest(request);
  else if (problem.code === 'payload-too-large') request.raw.pause();
  if (problem.status === 401) reply.header('WWW-Authenticate', 'Bearer');
  const path = request.url.split('?', 1)[0] ?? '/';
  reply
    .status(problem.status)
    .header('Content-Type', 'application/problem+json; charset=utf-8')
    .send(JSON.stringify(problem.body(path, request.id)));
}
