import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { Problem } from './problem.js';

const MAX_URL_LENGTH = 4_096;
export const METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
]);
/** A path, or a URL with one. */
const FORM = /^(?:\/|https?:\/\/[^/?#%]+\/[^#]*$)/;
/** Stands for an address that the router cannot decode: it would answer without running a hook. */
const UNREADABLE = '/unreadable';

/** For Fastify's `rewriteUrl`, so that limits, headers and the log apply to every address. */
export const routableUrl = ({ url = '/' }: Pick<IncomingMessage, 'url'>): string =>
  isRoutable(url) ? url : UNREADABLE;

function isRoutable(url: string): boolean {
  if (!FORM.test(url)) return false;
  if (!url.includes('%')) return true;
  try {
    decodeURI(url.split(/[?#]/, 1)[0] ?? '');
    return true;
  } catch {
    return false;
  }
}

/** What is wrong with a request line, before anything else of the request is looked at. */
export function faultOfRequestLine(request: FastifyRequest): Problem | undefined {
  if (!METHODS.has(request.method)) return new Problem('method-not-allowed');
  if (request.url !== request.originalUrl)
    return new Problem('malformed-request', { detail: 'The address is not valid.' });
  if (request.headers.host === undefined && request.raw.httpVersion === '1.1')
    return new Problem('malformed-request', { detail: 'The Host header is missing.' });
  return request.url.length > MAX_URL_LENGTH ? new Problem('uri-too-long') : undefined;
}

/** Whether a browser asks if a page may send a request. */
export const isPreflight = ({ method, headers }: FastifyRequest): boolean =>
  method === 'OPTIONS' &&
  headers.origin !== undefined &&
  headers['access-control-request-method'] !== undefined;
