import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthModule } from '../../identity/public.js';
import { SessionsModule } from '../../identity/public.js';
import { User, UsersModule } from '../../identity/public.js';
import { AccountsRepository } from './accounts.repository.js';
import { AdminController } from './admin.controller.js';
import { AccountResets } from './account-resets.js';
import { AdminService } from './admin.service.js';
import { FirstAdmin } from './first-admin.js';
import { Promotion } from './promotion.js';

@Module({
  imports: [UsersModule, SessionsModule, AuthModule, TypeOrmModule.forFeature([User])],
  controllers: [AdminController],
  providers: [AdminService, AccountResets, AccountsRepository, Promotion, FirstAdmin],
})
export class AdminModule {}
