import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, map, mergeMap, type Observable, of } from 'rxjs';
import { write } from './answer.js';
import { type Conditional, settle } from './conditional.js';
import { type Answers, ANSWERS } from './openapi/endpoint.js';

/** Answers only the fields of the contract class that the handler's `@Endpoint` declares. */
@Injectable()
export class AnswerInterceptor implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const answers = this.reflector.get<Answers | undefined>(ANSWERS, context.getHandler());
    // Web pages, probes and metrics are not part of the API: they write their own answers. So do formats that others define.
    if (!answers || answers.isRedirect || answers.isForeign) return next.handle();
    const http = context.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    const written = (result: unknown): object | undefined => {
      const type = reply.statusCode === 202 && answers.accepted ? answers.accepted : answers.returns;
      return type && typeof result === 'object' && result !== null ? write(type, result) : undefined;
    };
    if (!answers.isConditional) return next.handle().pipe(map(written));
    const known = http.getRequest<FastifyRequest>().headers['if-none-match'];
    return next.handle().pipe(
      mergeMap((answer: Conditional<object>) => {
        const reading = settle(answer, known, reply);
        return reading ? from(reading).pipe(map(written)) : NO_BODY;
      }),
    );
  }
}

const NO_BODY = of(undefined);
