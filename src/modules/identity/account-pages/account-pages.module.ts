import { Module } from '@nestjs/common';
import { AccountPagesController } from './account-pages.controller.js';

@Module({ controllers: [AccountPagesController] })
export class AccountPagesModule {}
