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

/** What the framework reports before a controller runs, by HTTP status. */
const byStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'malformed-request',
  401: 'unauthenticated',
  // Swagger's static files: a path that climbs out of their directory.
  403: 'not-found',
  404: 'not-found',
  405: 'method-not-allowed',
  413: 'payload-too-large',
  414: 'uri-too-long',
  415: 'unsupported-media-type',
  431: 'headers-too-large',
};

/** Turns whatever was thrown into a problem of the catalogue. What is not known becomes a 500 that says nothing. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const problem = asProblem(error);
    if (problem.status >= 500)
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

/** Fastify's own errors carry `statusCode`. */
function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined;
}

function send(reply: FastifyReply, problem: Problem, request: FastifyRequest): void {
  const { retryAfter } = problem.options;
  if (retryAfter !== undefined) reply.header('Retry-After', String(retryAfter));
  // Of a body that is too large nothing more is read; the connection closes after the answer.
  if (problem.code === 'payload-too-large') request.raw.pause();
  if (problem.status === 401) reply.header('WWW-Authenticate', 'Bearer');
  const path = request.url.split('?', 1)[0] ?? '/';
  reply
    .status(problem.status)
    .header('Content-Type', 'application/problem+json; charset=utf-8')
    .send(JSON.stringify(problem.body(path, request.id)));
}
