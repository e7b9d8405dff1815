import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/public.js';
import { UsersModule } from '../users/public.js';
import { GrantsController } from './grants.controller.js';
import { GrantsRepository } from './grants.repository.js';
import { GrantsService } from './grants.service.js';
import { ReceivedGrants } from './received-grants.js';

@Module({
  imports: [UsersModule, AuthModule],
  controllers: [GrantsController],
  providers: [GrantsService, ReceivedGrants, GrantsRepository],
  exports: [ReceivedGrants],
})
export class GrantsModule {}
