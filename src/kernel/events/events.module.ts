import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { DeadLetters } from './dead-letters.js';
import { Events } from './events.js';
import { OutboxQueue } from './outbox-queue.js';
import { OutboxWorker } from './outbox-worker.js';
import { Subscribers } from './subscribers.js';

@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [Subscribers, OutboxQueue, OutboxWorker, Events, DeadLetters],
  exports: [Events, Subscribers, OutboxWorker, DeadLetters],
})
export class EventsModule {}
