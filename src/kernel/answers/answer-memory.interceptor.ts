import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { finalize, type Observable } from 'rxjs';
import { isRead } from '../access/scopes.js';
import { contractOf } from '../http/contract.js';
import { type Answers, ANSWERS } from '../http/openapi/endpoint.js';
import { onAnswerEnd } from './answer-end.js';
import { AnswerMemory } from './answer-memory.js';
import { clientOf } from './slow-readers.js';

/**
 * Takes memory for an answer with a list before the handler runs. That includes a push, whose answer has the stored record for
 * each mutation that was not simply applied, so that a small request can have a large answer.
 */
@Injectable()
export class AnswerMemoryInterceptor implements NestInterceptor {
  private readonly known = new WeakMap<object, boolean>();

  constructor(
    private readonly reflector: Reflector,
    private readonly memory: AnswerMemory,
  ) {}

  intercept(
    context: ExecutionContext,
    next: CallHandler,
  ): Observable<unknown> | Promise<Observable<unknown>> {
    if (context.getType() !== 'http' || !this.answersList(context.getHandler())) return next.handle();
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const held = this.memory.reserve(clientOf(request), !isRead(request.method));
    request.heldAnswer = held;
    onAnswerEnd(request, reply, () => held.release());
    const run = (): Observable<unknown> => next.handle().pipe(finalize(() => held.finish()));
    return held.room ? held.room.then(run) : run();
  }

  /** Whether the answer has a list without a maximum length. */
  private answersList(handler: object): boolean {
    const known = this.known.get(handler) ?? this.read(handler as () => unknown);
    this.known.set(handler, known);
    return known;
  }

  private read(handler: () => unknown): boolean {
    const { returns, isForeign } = this.reflector.get<Answers | undefined>(ANSWERS, handler) ?? {};
    // The class of such an answer does not say how long its lists are.
    if (isForeign) return true;
    const fields = returns ? contractOf(returns as new () => object).fields : [];
    return fields.some(({ holds, schema }) => holds === 'Array' && schema.maxItems === undefined);
  }
}
