import { Module } from '@nestjs/common';
import { RedisChannels } from '../../../platform/redis/redis-channels.js';
import { HeadsRepository } from './heads.repository.js';
import { PokeAudience } from './poke-audience.js';
import { PokeRelay } from './poke-relay.js';
import { PokesPolicy } from './pokes-policy.js';
import { PokesGateway } from './pokes.gateway.js';
import { PokesService } from './pokes.service.js';

/** Tells the devices of a person at once that there is something to pull. */
@Module({
  providers: [
    PokesGateway,
    PokesService,
    PokesPolicy,
    PokeAudience,
    PokeRelay,
    HeadsRepository,
    RedisChannels,
  ],
})
export class PokesModule {}
