import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const DOCUMENTS = /^\/(?:docs|problems)(?:\/|$)|^\/openapi\.(?:json|yaml)$/;

/** Browsers may store these but must revalidate them, so that an update of the service takes effect at once. */
const REVALIDATED = 'public, no-cache';
/** Scripts and styles of Swagger UI, which change only with the library. */
const KEPT = 'public, max-age=86400';

/** Lets browsers cache the documentation; nothing else of the service may be cached. */
export function cacheDocuments(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    // Runs before compression, because the tag identifies the content.
    if (DOCUMENTS.test(route.url)) route.onSend = [tagDocument, ...[route.onSend ?? []].flat()];
  });
}

async function tagDocument(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
  if (reply.statusCode !== 200 && reply.statusCode !== 304) return payload;
  // A file is a stream and already has the tag of @fastify/static.
  if (typeof payload !== 'string') {
    reply.header('Cache-Control', KEPT);
    return payload;
  }
  // Weak, because the compressed bytes differ.
  const tag = `W/"${createHash('sha256').update(payload).digest('base64url').slice(0, 22)}"`;
  reply.header('Cache-Control', REVALIDATED).header('ETag', tag);
  if (!isKnown(request.headers['if-none-match'], tag)) return payload;
  reply.status(304).removeHeader('Content-Type');
  return null;
}

const isKnown = (known: string | undefined, tag: string): boolean =>
  known !== undefined && (known.trim() === '*' || known.split(',').some((one) => one.trim() === tag));
