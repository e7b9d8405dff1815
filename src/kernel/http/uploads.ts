import fastifyMultipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from './problem.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the route takes files as `multipart/form-data`. Other routes refuse it before it is read. */
    takesFiles?: boolean;
  }
}

/** What the boundaries and part headers of an upload add to its file. */
export const FRAME_BYTES = 65_536;
/** A request that takes no files is small, so a client that sends it for longer is broken or hostile. */
const BODY_MS = 30_000;
/** How long the rest of a refused upload is read, so that its client gets the answer. */
const LINGER_MS = 2_000;
/** The longest time in which a file may arrive: 1.5 GiB at 2.5 MB/s. */
export const UPLOAD_MS = 600_000;

/** Lets the routes that say so read files as they arrive. The body limit of JSON does not apply to them. */
export async function acceptUploads(instance: FastifyInstance, maxFileBytes: number): Promise<void> {
  await instance.register(fastifyMultipart, { throwFileSizeLimit: false });
  instance.addHook('onRequest', (request, _reply, done) => done(faultOfUpload(request, maxFileBytes)));
}

/** Whether the header says so. The framework knows it only after the first hooks, and errors come before. */
export const isUpload = (headers: FastifyRequest['headers']): boolean =>
  /^\s*multipart\//i.test(headers['content-type'] ?? '');

function faultOfUpload({ headers, routeOptions }: FastifyRequest, maxFileBytes: number): Problem | undefined {
  if (!isUpload(headers)) return undefined;
  if (!routeOptions.config?.takesFiles) return new Problem('unsupported-media-type');
  return Number(headers['content-length'] ?? 0) > maxFileBytes + FRAME_BYTES
    ? fileTooLarge(maxFileBytes)
    : undefined;
}

/**
 * Drops what still comes of an upload that was refused. The connection is closed after a while, and not at once: a client that
 * is still sending would lose the answer.
 */
export function ignoreRest({ raw }: FastifyRequest): void {
  if (raw.complete) return;
  raw.unpipe();
  raw.resume();
  const timer = setTimeout(() => {
    if (!raw.complete) raw.socket.destroy();
  }, LINGER_MS).unref();
  raw.once('close', () => clearTimeout(timer));
}

export const fileTooLarge = (maxFileBytes: number): Problem =>
  new Problem('payload-too-large', {
    detail: `A file can have at most ${Math.floor(maxFileBytes / 1_048_576)} MiB.`,
  });

/**
 * Ends requests whose body takes too long. Node's own limit is the same for all routes, and must be as long as an upload may
 * take.
 */
export function limitBodyTime(instance: FastifyInstance, bodyMs = BODY_MS): void {
  instance.addHook('onRequest', ({ raw, headers, routeOptions }, _reply, done) => {
    const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
    if (hasBody && !(routeOptions.config?.takesFiles && isUpload(headers))) {
      const timer = setTimeout(() => {
        const error = Object.assign(new Error('The body took too long'), {
          code: 'ERR_HTTP_REQUEST_TIMEOUT',
        });
        if (!raw.complete) instance.server.emit('clientError', error, raw.socket);
      }, bodyMs).unref();
      raw.once('close', () => clearTimeout(timer));
      raw.once('end', () => clearTimeout(timer));
    }
    done();
  });
}
