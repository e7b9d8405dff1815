import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { isRead } from '../access/scopes.js';
import { contractOf } from '../http/contract.js';
import { type Answers, ANSWERS } from '../http/openapi/endpoint.js';
import { onAnswerEnd } from './answer-end.js';
import { AnswerMemory, type HeldAnswer } from './answer-memory.js';
import { clientOf } from './slow-readers.js';

/** Takes memory for the answer of a list before the handler reads its rows. */
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
    if (!isRead(request.method)) return next.handle();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const held = this.memory.reserve(clientOf(request));
    if (!(held instanceof Promise)) {
      keep(request, reply, held);
      return next.handle();
    }
    return held.then((answer) => {
      keep(request, reply, answer);
      return next.handle();
    });
  }

  /** Whether the answer has a list without a maximum length. */
  private answersList(handler: object): boolean {
    const known = this.known.get(handler) ?? this.read(handler as () => unknown);
    this.known.set(handler, known);
    return known;
  }

  private read(handler: () => unknown): boolean {
    const { returns } = this.reflector.get<Answers | undefined>(ANSWERS, handler) ?? {};
    const fields = returns ? contractOf(returns as new () => object).fields : [];
    return fields.some(({ holds, schema }) => holds === 'Array' && schema.maxItems === undefined);
  }
}

function keep(request: FastifyRequest, reply: FastifyReply, answer: HeldAnswer): void {
  request.heldAnswer = answer;
  onAnswerEnd(request, reply, () => answer.release());
}
