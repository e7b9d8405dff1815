import { Module } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { DiscoveryModule } from '@nestjs/core';
import { SessionWatch } from './session-watch.js';
import { SocketErrorFilter } from './socket-error.filter.js';
import { SocketGateways } from './socket-gateways.js';
import { SocketHandshake } from './socket-handshake.js';
import { SocketPolicy } from './socket-policy.js';
import { SocketRegistry } from './socket-registry.js';
import { SocketSignIn } from './socket-sign-in.js';

/** Sockets for the gateways of all modules: handshake, sign-in, limits, and the end of sessions. */
@Module({
  imports: [DiscoveryModule],
  providers: [
    { provide: SocketPolicy, inject: [Config], useFactory: SocketPolicy.of },
    SocketGateways,
    SocketHandshake,
    SocketRegistry,
    SocketSignIn,
    SessionWatch,
    SocketErrorFilter,
  ],
})
export class SocketsModule {}
