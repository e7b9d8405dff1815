import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** What to do when the connection closes. One listener for each connection, which may serve many requests. */
const ends = new WeakMap<Socket, Set<() => void>>();

/**
 * Calls `done` once: when the client has taken the answer, or has left. A response that waits behind another on its
 * connection hears nothing when the connection closes, so this listens to both.
 */
export function onAnswerEnd(request: FastifyRequest, { raw }: FastifyReply, done: () => void): void {
  const { socket } = request.raw;
  if (raw.destroyed || socket.destroyed) return done();
  const waiting = ends.get(socket) ?? watch(socket);
  const end = (): void => {
    if (waiting.delete(end)) done();
  };
  waiting.add(end);
  raw.once('close', end);
}

/** Closes a connection and ends all answers on it at once, before the closing is reported. */
export function closeConnection(socket: Socket): void {
  socket.destroy();
  for (const end of ends.get(socket) ?? []) end();
}

function watch(socket: Socket): Set<() => void> {
  const waiting = new Set<() => void>();
  ends.set(socket, waiting);
  socket.once('close', () => {
    for (const end of waiting) end();
  });
  return waiting;
}
