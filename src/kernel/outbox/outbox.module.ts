import { Global, Module } from '@nestjs/common';
import { OutboxQueue } from './outbox-queue.js';
import { OutboxWorker } from './outbox-worker.js';
import { Outbox } from './outbox.js';

@Global()
@Module({ providers: [OutboxQueue, OutboxWorker, Outbox], exports: [Outbox, OutboxWorker] })
export class OutboxModule {}
