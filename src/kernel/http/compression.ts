import { buffer } from 'node:stream/consumers';
import fastifyCompress from '@fastify/compress';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';

/** In bytes. A smaller answer fits into one packet with its headers, so compressing it saves nothing. */
const THRESHOLD = 1_024;

/**
 * Compresses answers, except those that may contain a secret together with input of the caller: the length of such an
 * answer shows how much of the secret the caller has guessed (BREACH). A secret is answered when it is created, so answers
 * to writes (except sync) and all answers of `/api/auth` are not compressed.
 *
 * An answer is compressed before it is sent: an encoder takes half a megabyte, which slow readers would hold in great numbers.
 * So a route that streams more than fits into memory must set `compress: false`.
 * @param compressed is told the size of each compressed answer
 */
export async function compressAnswers(
  fastify: FastifyInstance,
  compressed: (request: FastifyRequest, bytes: number) => void,
): Promise<void> {
  // The plugin reads this member in its own `onRoute` hook, so this hook must be added first.
  fastify.addHook('onRoute', (route) => {
    if (!mayCompress(route)) route.compress = false;
  });
  await fastify.register(fastifyCompress, {
    threshold: THRESHOLD,
    encodings: ['br', 'gzip'],
    // Request bodies are not decompressed; an encoded body is refused.
    globalDecompression: false,
  });
  // Fastify waits for a promise that a hook returns, and for the call of `done` where there is none.
  const gather = (
    request: FastifyRequest,
    reply: FastifyReply,
    payload: unknown,
    done: (error: Error | null, payload?: unknown) => void,
  ): Promise<Buffer> | void => {
    if (!isStream(payload) || reply.getHeader('Content-Encoding') === undefined) return done(null, payload);
    return buffer(payload).then((whole) => {
      reply.header('Content-Length', whole.length);
      compressed(request, whole.length);
      return whole;
    });
  };
  fastify.addHook('onRoute', (route) => {
    // After the hook of the plugin, which makes the stream.
    if (route.compress !== false) route.onSend = [...[route.onSend ?? []].flat(), gather];
  });
}

const isStream = (payload: unknown): payload is NodeJS.ReadableStream =>
  typeof payload === 'object' && payload !== null && 'pipe' in payload;

function mayCompress({ method, url }: Pick<RouteOptions, 'method' | 'url'>): boolean {
  if (url.startsWith('/api/auth/')) return false;
  return [method].flat().every((it) => it === 'GET' || it === 'HEAD') || /\/sync(?:\/|$)/.test(url);
}
