import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthModule } from '../auth/auth.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { UsersModule } from '../users/users.module.js';
import { Grant } from './grant.entity.js';
import { GrantsController } from './grants.controller.js';
import { GrantsRepository } from './grants.repository.js';
import { GrantsService } from './grants.service.js';
import { ReceivedGrants } from './received-grants.js';

@Module({
  imports: [UsersModule, SessionsModule, AuthModule, TypeOrmModule.forFeature([Grant])],
  controllers: [GrantsController],
  providers: [GrantsService, ReceivedGrants, GrantsRepository],
  exports: [ReceivedGrants],
})
export class GrantsModule {}
