import { Module } from '@nestjs/common';
import { AccountLetters } from './account-letters.js';
import { AddressEvents } from './address-events.js';
import { Credentials } from './credentials.js';
import { UsersController } from './users.controller.js';
import { UsersRepository } from './users.repository.js';
import { UsersService } from './users.service.js';

@Module({
  controllers: [UsersController],
  providers: [UsersService, UsersRepository, AddressEvents, AccountLetters, Credentials],
  exports: [UsersService, AddressEvents, AccountLetters, Credentials],
})
export class UsersModule {}
