import { deflateRawSync, inflateRawSync } from 'node:zlib';
import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { Clock } from '../../platform/clock.js';
import { Database, instantText } from '../../platform/database/database.js';
import { ChangeSequence } from '../records/change-sequence.js';
import { Problem } from '../http/problem.js';
import { digest } from '../../platform/random-token.js';

interface StoredAnswer {
  readonly request_hash: string;
  readonly status: number;
  readonly body: string;
}

/**
 * `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): the effect and the remembered answer commit together,
 * under the person's lock. So a retry, even a simultaneous one, gets the answer of the first, and an error or a crash
 * leaves no trace of either.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly database: Database,
    private readonly sequence: ChangeSequence,
    private readonly clock: Clock,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const key = readKey(request);
    const userId = request.user?.userId;
    if (key === undefined || userId === undefined) return next.handle();
    return from(this.sequence.change(userId, () => this.once(userId, key, request, reply, next)));
  }

  private async once(
    userId: string,
    key: string,
    request: FastifyRequest,
    reply: FastifyReply,
    next: CallHandler,
  ): Promise<unknown> {
    const id = [userId, `${request.method} ${request.routeOptions.url ?? ''}`, key];
    const hash = hashOf(request);
    const [stored] = await this.database.rows<StoredAnswer>(
      'SELECT request_hash, status, body FROM idempotency_keys WHERE user_id = ? AND route = ? AND `key` = ?',
      id,
    );
    if (stored) return replay(stored, hash, reply);
    const body: unknown = await lastValueFrom(next.handle());
    await this.database.execute(
      'INSERT INTO idempotency_keys (user_id, route, `key`, request_hash, status, body, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      [...id, hash, reply.statusCode, pack(body), instantText(this.clock.date())],
    );
    return body;
  }
}

/** The route is a part of the key; what its pattern leaves open, such as the id of a record, is told by the hash. */
function hashOf({ url, routeOptions, body = null }: FastifyRequest): string {
  return digest(JSON.stringify(url === routeOptions.url ? body : [url, body]));
}

function replay(stored: StoredAnswer, hash: string, reply: FastifyReply): unknown {
  if (stored.request_hash !== hash) throw new Problem('idempotency-key-reused');
  reply.status(stored.status).header('Idempotency-Replayed', 'true');
  return unpack(stored.body);
}

/** Kept for ever, so kept small. */
const pack = (body: unknown): string => deflateRawSync(JSON.stringify(body)).toString('base64');
const unpack = (text: string): unknown => JSON.parse(inflateRawSync(Buffer.from(text, 'base64')).toString());

function readKey(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && /^[\x20-\x7e]{1,255}$/.test(key)) return key;
  throw new Problem('malformed-request', {
    detail: 'Idempotency-Key must be 1 to 255 printable ASCII characters.',
  });
}

/** Makes a POST repeatable: with an `Idempotency-Key`, a lost response may be asked for again for ever. */
export const Idempotent = () =>
  applyDecorators(
    UseInterceptors(IdempotencyInterceptor),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        'A new random value for each new request, the same for its retries. The answer to the first is given again, with `Idempotency-Replayed: true`.',
      schema: {
        type: 'string',
        minLength: 1,
        maxLength: 255,
        example: '6f3a1c0e-5d0a-4c1c-9d53-0f3f7a9b8c11',
      },
    }),
  );
