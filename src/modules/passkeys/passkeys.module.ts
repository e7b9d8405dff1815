import { Module } from '@nestjs/common';
import { FactorsModule } from '../factors/public.js';
import { SessionsModule } from '../sessions/public.js';
import { UsersModule } from '../users/public.js';
import { PasskeyChallenges } from './passkey-challenges.js';
import { PasskeyNews } from './passkey-news.js';
import { PasskeyRegistration } from './passkey-registration.js';
import { PasskeySignInController } from './passkey-sign-in.controller.js';
import { PasskeySignIns } from './passkey-sign-ins.js';
import { PasskeysController } from './passkeys.controller.js';
import { PasskeysRepository } from './passkeys.repository.js';
import { PasskeysService } from './passkeys.service.js';
import { RelyingParty } from './relying-party.js';

@Module({
  imports: [UsersModule, SessionsModule, FactorsModule],
  controllers: [PasskeySignInController, PasskeysController],
  providers: [
    PasskeysService,
    PasskeysRepository,
    PasskeyRegistration,
    PasskeySignIns,
    PasskeyChallenges,
    PasskeyNews,
    RelyingParty,
  ],
})
export class PasskeysModule {}
