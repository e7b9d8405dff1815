import { Global, Module } from '@nestjs/common';
import { CounterStorage } from './counter-storage.js';
import { Counters } from './counters.js';

/** The counters of all limits: for requests, sign-ins, mails and sockets. */
@Global()
@Module({ providers: [Counters, CounterStorage], exports: [Counters, CounterStorage] })
export class CountersModule {}
