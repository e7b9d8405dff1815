import { deflateRawSync, inflateRawSync } from 'node:zlib';
import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  SetMetadata,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiHeader } from '@nestjs/swagger';
import { InjectRepository } from '@nestjs/typeorm';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { Repository } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import { IdempotencyKey } from './idempotency-key.entity.js';
import { PersonLock } from '../person-lock.js';
import { Problem } from '../http/problem.js';
import { digest } from '../../platform/random-token.js';

export const IDEMPOTENT = 'hale:idempotent';

/**
 * Implements `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header). The effect of a request and its stored answer
 * commit together, under the person's lock. So a retry, even a simultaneous one, gets the answer of the first request, and
 * an error or a crash leaves neither effect nor answer. It runs outside `AnswerInterceptor`, because it stores the wire form.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    @InjectRepository(IdempotencyKey) private readonly keys: Repository<IdempotencyKey>,
    private readonly lock: PersonLock,
    private readonly clock: Clock,
    private readonly reflector: Reflector,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (!this.reflector.get<boolean | undefined>(IDEMPOTENT, context.getHandler())) return next.handle();
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const key = readKey(request);
    const userId = request.user?.userId;
    if (key === undefined || userId === undefined) return next.handle();
    return from(this.lock.hold(userId, () => this.once(userId, key, request, reply, next)));
  }

  private async once(
    userId: string,
    key: string,
    request: FastifyRequest,
    reply: FastifyReply,
    next: CallHandler,
  ): Promise<unknown> {
    const id = { userId, route: `${request.method} ${request.routeOptions.url ?? ''}`, key };
    const requestHash = hashOf(request);
    const stored = await this.keys.findOneBy(id);
    if (stored) return replay(stored, requestHash, reply);
    const body: unknown = await lastValueFrom(next.handle());
    await this.keys.insert({
      ...id,
      requestHash,
      status: reply.statusCode,
      body: pack(body),
      createdAt: this.clock.date(),
    });
    return body;
  }
}

/** The hash of the body and of the URL's variable parts, such as the id of a record. The route pattern is part of the key. */
function hashOf({ url, routeOptions, body = null }: FastifyRequest): string {
  return digest(JSON.stringify(url === routeOptions.url ? body : [url, body]));
}

function replay(stored: IdempotencyKey, hash: string, reply: FastifyReply): unknown {
  if (stored.requestHash !== hash) throw new Problem('idempotency-key-reused');
  reply.status(stored.status).header('Idempotency-Replayed', 'true');
  return unpack(stored.body);
}

/** Compresses the answer, because it is stored as long as the account. No body is stored as null. */
const pack = (body: unknown): string => deflateRawSync(JSON.stringify(body ?? null)).toString('base64');
const unpack = (text: string): unknown =>
  JSON.parse(inflateRawSync(Buffer.from(text, 'base64')).toString()) ?? undefined;

function readKey(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && /^[\x20-\x7e]{1,255}$/.test(key)) return key;
  throw new Problem('malformed-request', {
    detail: 'Idempotency-Key must be 1 to 255 printable ASCII characters.',
  });
}

/** Makes a POST repeatable: a client that lost the answer can send the request again with the same `Idempotency-Key`. */
export const Idempotent = (): MethodDecorator =>
  applyDecorators(
    SetMetadata(IDEMPOTENT, true),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        'A random value. Use a new value for each new request, and the same value for its retries. A retry gets the answer of the first request, with `Idempotency-Replayed: true`.',
      schema: {
        type: 'string',
        minLength: 1,
        maxLength: 255,
        example: '6f3a1c0e-5d0a-4c1c-9d53-0f3f7a9b8c11',
      },
    }),
  );
