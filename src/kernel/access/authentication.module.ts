import { Global, Module } from '@nestjs/common';
import { Authenticator } from './authenticator.js';

/** Exports the authenticator: strategies register with it, and requests and sockets authenticate by it. */
@Global()
@Module({ providers: [Authenticator], exports: [Authenticator] })
export class AuthenticationModule {}
