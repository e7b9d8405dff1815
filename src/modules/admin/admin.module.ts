import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/public.js';
import { SessionsModule } from '../sessions/public.js';
import { UsersModule } from '../users/public.js';
import { AccountsRepository } from './accounts.repository.js';
import { AdminController } from './admin.controller.js';
import { AdminService } from './admin.service.js';
import { FirstAdmin } from './first-admin.js';
import { Promotion } from './promotion.js';

@Module({
  imports: [UsersModule, SessionsModule, AuthModule],
  controllers: [AdminController],
  providers: [AdminService, AccountsRepository, Promotion, FirstAdmin],
})
export class AdminModule {}
