import {
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { type Observable, tap } from 'rxjs';

/**
 * Chooses the HTTP status of a handler by what it returns. It runs inside `AnswerInterceptor`, which writes the body that
 * belongs to the status.
 */
export const StatusOf = <Result>(choose: (result: Result) => number): MethodDecorator =>
  UseInterceptors(new StatusInterceptor(choose));

class StatusInterceptor<Result> implements NestInterceptor<Result> {
  constructor(private readonly choose: (result: Result) => number) {}

  intercept(context: ExecutionContext, next: CallHandler<Result>): Observable<Result> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(tap((result) => void reply.status(this.choose(result))));
  }
}
