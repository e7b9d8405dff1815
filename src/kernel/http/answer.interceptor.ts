import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply } from 'fastify';
import { map, type Observable } from 'rxjs';
import { write } from './answer.js';
import { type Answers, ANSWERS } from './openapi/endpoint.js';

/** Answers only the fields of the contract class that the handler's `@Endpoint` declares. */
@Injectable()
export class AnswerInterceptor implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const answers = this.reflector.get<Answers | undefined>(ANSWERS, context.getHandler());
    // Web pages, probes and metrics are not part of the API: they write their own answers.
    if (!answers || answers.isRedirect) return next.handle();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      map((result: unknown) => {
        const type = reply.statusCode === 202 && answers.accepted ? answers.accepted : answers.returns;
        return type && typeof result === 'object' && result !== null ? write(type, result) : undefined;
      }),
    );
  }
}
