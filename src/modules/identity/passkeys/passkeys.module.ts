import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { FactorsModule } from '../factors/factors.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { UsersModule } from '../users/users.module.js';
import { PasskeyChallenge } from './passkey-challenge.entity.js';
import { PasskeyChallenges } from './passkey-challenges.js';
import { PasskeyNotices } from './passkey-notices.js';
import { PasskeyRegistration } from './passkey-registration.js';
import { PasskeySignInController } from './passkey-sign-in.controller.js';
import { PasskeySignIns } from './passkey-sign-ins.js';
import { Passkey } from './passkey.entity.js';
import { PasskeysController } from './passkeys.controller.js';
import { PasskeysRepository } from './passkeys.repository.js';
import { PasskeysService } from './passkeys.service.js';
import { RelyingParty } from './relying-party.js';

@Module({
  imports: [
    UsersModule,
    SessionsModule,
    FactorsModule,
    TypeOrmModule.forFeature([Passkey, PasskeyChallenge]),
  ],
  controllers: [PasskeySignInController, PasskeysController],
  providers: [
    PasskeysService,
    PasskeysRepository,
    PasskeyRegistration,
    PasskeySignIns,
    PasskeyChallenges,
    PasskeyNotices,
    RelyingParty,
  ],
})
export class PasskeysModule {}
