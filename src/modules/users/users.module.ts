import { Module } from '@nestjs/common';
import { AccountLetters } from './account-letters.js';
import { Credentials } from './credentials.js';
import { UsersController } from './users.controller.js';
import { UsersRepository } from './users.repository.js';
import { UsersService } from './users.service.js';

@Module({
  controllers: [UsersController],
  providers: [UsersService, UsersRepository, AccountLetters, Credentials],
  exports: [UsersService, AccountLetters, Credentials],
})
export class UsersModule {}
