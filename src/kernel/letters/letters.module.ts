import { Global, Module } from '@nestjs/common';
import { MailDelivery } from './mail-delivery.js';
import { Mails } from './mails.js';

@Global()
@Module({ providers: [Mails, MailDelivery], exports: [Mails] })
export class LettersModule {}
