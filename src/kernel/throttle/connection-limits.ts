import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Environment } from '../../config/environment.js';
import type { Logger } from '../../platform/logger.js';
import { addressBucket } from './client-address.js';
import { NetworkCounts } from './network-counts.js';

/** Connections that one instance accepts: requests and sockets together. */
export const MAX_CONNECTIONS = 5_000;
/** However large its network, nobody takes more of them. */
const OF_ONE_NETWORK = 0.8;
const LOGGED_EVERY_MS = 60_000;

/**
 * Limits the connections of one network, whether or not they send anything. Behind a proxy all connections come from the proxy,
 * so there the proxy must limit those of its clients; it also keeps idle ones to itself.
 */
export function limitConnections(server: Server, env: Environment, logger: Logger): void {
  server.maxConnections = MAX_CONNECTIONS;
  if (env.TRUST_PROXY > 0) return;
  const counts = new NetworkCounts(env.QUOTA_CONNECTIONS_PER_ADDRESS, MAX_CONNECTIONS * OF_ONE_NETWORK);
  // A request that asked for an upgrade in vain is handed to the server as a connection once more.
  const known = new WeakSet<Socket>();
  let loggedAt = -Infinity;
  server.on('connection', (socket: Socket) => {
    if (known.has(socket)) return;
    known.add(socket);
    const bucket = addressBucket(socket.remoteAddress);
    if (counts.hasRoomFor(bucket)) {
      socket.once('close', counts.add(bucket));
      return;
    }
    // Not with an answer: what the client sends meanwhile would be executed although it was refused.
    socket.destroy();
    if (performance.now() - loggedAt < LOGGED_EVERY_MS) return;
    loggedAt = performance.now();
    logger.warn({ event: 'connections-refused' }, 'a network has too many connections');
  });
}
