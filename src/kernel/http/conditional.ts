import { HttpStatus } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/** What a conditional operation returns: an answer that is read only if the client does not have it. */
export interface Conditional<Answer extends object> {
  /** The entity tag of the answer. The same tag means that `read` would answer the same. */
  readonly tag: string;
  /** The request headers, besides the URL, on which the answer depends. */
  readonly vary: string;
  readonly read: () => Promise<Answer>;
}

/**
 * Answers the `ETag`, and 304 without reading when the client has the answer.
 * @param known the `ETag` that the client has.
 * @returns the answer; undefined when it is not read.
 */
export function settle(
  { tag, vary, read }: Conditional<object>,
  known: string | undefined,
  reply: FastifyReply,
): Promise<object> | undefined {
  // The types of `@Endpoint` require a tag; a cast or `any` could still hide that there is none.
  if (typeof tag !== 'string') throw new TypeError('A conditional operation must return a Conditional');
  reply.header('Cache-Control', 'private, no-cache').header('Vary', vary);
  if (known === tag) {
    reply.status(HttpStatus.NOT_MODIFIED).header('ETag', tag);
    return undefined;
  }
  return read().then((answer) => {
    // Set after the read, so that an error answer has no ETag that could later cause a 304.
    reply.header('ETag', tag);
    return answer;
  });
}
