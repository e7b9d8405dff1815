import { Module } from '@nestjs/common';
import { LiveGateway } from './live.gateway.js';
import { MatchRooms } from './match-rooms.js';

@Module({ providers: [LiveGateway, MatchRooms] })
export class LiveModule {}
