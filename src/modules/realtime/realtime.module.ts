import { Module } from '@nestjs/common';
import { RedisChannels } from '../../platform/redis/redis-channels.js';
import { SessionsModule } from '../sessions/public.js';
import { Admission } from './admission.js';
import { Audience } from './audience.js';
import { Conversation } from './conversation.js';
import { Handshake } from './handshake.js';
import { HeadsRepository } from './heads.repository.js';
import { News } from './news.js';
import { RealtimePolicy } from './realtime-policy.js';
import { RealtimeGateway } from './realtime.gateway.js';
import { RealtimeService } from './realtime.service.js';
import { Relay } from './relay.js';
import { SessionWatch } from './session-watch.js';
import { Sockets } from './sockets.js';

@Module({
  imports: [SessionsModule],
  providers: [
    RealtimeGateway,
    RealtimeService,
    RealtimePolicy,
    Handshake,
    Conversation,
    Admission,
    Sockets,
    Audience,
    News,
    SessionWatch,
    HeadsRepository,
    Relay,
    RedisChannels,
  ],
  exports: [Handshake, Sockets],
})
export class RealtimeModule {}
