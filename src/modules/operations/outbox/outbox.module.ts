import { Module } from '@nestjs/common';
import { OutboxController } from './outbox.controller.js';
import { OutboxService } from './outbox.service.js';

/** Events that could not be delivered. */
@Module({ controllers: [OutboxController], providers: [OutboxService] })
export class OutboxModule {}
