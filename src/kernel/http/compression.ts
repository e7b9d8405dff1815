import fastifyCompress from '@fastify/compress';
import type { FastifyInstance, RouteOptions } from 'fastify';

/** In bytes. A smaller answer fits into one packet with its headers, so compressing it saves nothing. */
const THRESHOLD = 1_024;

/**
 * Compresses answers, except those that may contain a secret together with input of the caller: the length of such an
 * answer shows how much of the secret the caller has guessed (BREACH). A secret is answered when it is created, so answers
 * to writes (except sync) and all answers of `/api/auth` are not compressed.
 */
export async function compressAnswers(fastify: FastifyInstance): Promise<void> {
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
}

function mayCompress({ method, url }: Pick<RouteOptions, 'method' | 'url'>): boolean {
  if (url.startsWith('/api/auth/')) return false;
  return [method].flat().every((it) => it === 'GET' || it === 'HEAD') || /\/sync(?:\/|$)/.test(url);
}
