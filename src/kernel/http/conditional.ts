import { type CallHandler, type ExecutionContext, HttpStatus, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { mergeMap, type Observable, type ObservableInput, of } from 'rxjs';

/** What a conditional operation returns: an answer that is read only if the client does not have it. */
export interface Conditional<Answer extends object> {
  /** The entity tag of the answer. The same tag means that `read` would answer the same. */
  readonly tag: string;
  /** The request headers, besides the URL, on which the answer depends. */
  readonly vary: string;
  readonly read: () => Promise<Answer>;
}

const NO_BODY = of(undefined);

/** Answers the `ETag`, and 304 without reading when the client has the answer. `@Endpoint({ conditional: true })` applies it. */
class ConditionalInterceptor implements NestInterceptor<Conditional<object>> {
  intercept(context: ExecutionContext, next: CallHandler<Conditional<object>>): Observable<unknown> {
    const http = context.switchToHttp();
    const { headers } = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    return next.handle().pipe(mergeMap((answer) => settle(answer, headers['if-none-match'], reply)));
  }
}

export const conditionalInterceptor = new ConditionalInterceptor();

function settle(
  { tag, vary, read }: Conditional<object>,
  known: string | undefined,
  reply: FastifyReply,
): ObservableInput<object | undefined> {
  // The types of `@Endpoint` require a tag; a cast or `any` could still hide that there is none.
  if (typeof tag !== 'string') throw new TypeError('A conditional operation must return a Conditional');
  reply.header('Cache-Control', 'private, no-cache').header('Vary', vary);
  if (known === tag) {
    reply.status(HttpStatus.NOT_MODIFIED).header('ETag', tag);
    return NO_BODY;
  }
  return read().then((answer) => {
    // Set after the read, so that an error answer has no ETag that could later cause a 304.
    reply.header('ETag', tag);
    return answer;
  });
}
