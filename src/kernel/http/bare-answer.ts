import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Problem } from './problem.js';
import { securityHeaders } from './security-headers.js';

/** On every answer. A route may replace one, such as the caching of a document. */
export const ALWAYS = { ...securityHeaders, 'Cache-Control': 'no-store' };

/** Writes a problem to a connection for which there is no reply of Fastify, and closes the connection. */
export function answerBare(
  socket: Socket,
  problem: Problem,
  { id = randomUUID(), headers = {} }: { id?: string; headers?: Readonly<Record<string, string>> } = {},
): void {
  // Node took its own listener away when it handed the connection over. Without one, a client that resets it would end the process.
  socket.on('error', () => socket.destroy());
  const body = JSON.stringify(problem.body('/', id));
  const length = { 'Content-Length': Buffer.byteLength(body), Connection: 'close' };
  const lines = Object.entries({ ...bareHeaders(id), ...headers, ...length }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  socket.write(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}\r\n${lines.join('')}\r\n${body}`,
  );
  // Not `end`: a client that does not close would count among the 5 000 connections until its headers time out.
  socket.destroySoon();
}

/** The headers of an answer that passes no hook. */
export const bareHeaders = (requestId: string): Record<string, string> => ({
  ...ALWAYS,
  'Content-Type': 'application/problem+json; charset=utf-8',
  'X-Request-Id': requestId,
});
