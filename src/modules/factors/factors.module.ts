import { Module } from '@nestjs/common';
import { SessionsModule } from '../sessions/public.js';
import { UsersModule } from '../users/public.js';
import { ChallengeController } from './challenge.controller.js';
import { ChallengeService } from './challenge.service.js';
import { FactorLimits, FactorPolicy } from './factor-limits.js';
import { FactorNews } from './factor-news.js';
import { FactorProof } from './factor-proof.js';
import { FactorsController } from './factors.controller.js';
import { FactorsService } from './factors.service.js';
import { RecoveryCodes } from './recovery-codes.js';
import { SignInChallenges } from './sign-in-challenges.js';
import { SignIns } from './sign-ins.js';
import { Totp } from './totp.js';
import { TotpService } from './totp.service.js';

@Module({
  imports: [UsersModule, SessionsModule],
  controllers: [ChallengeController, FactorsController],
  providers: [
    SignIns,
    SignInChallenges,
    ChallengeService,
    FactorsService,
    FactorProof,
    FactorLimits,
    FactorPolicy,
    FactorNews,
    Totp,
    TotpService,
    RecoveryCodes,
  ],
  exports: [SignIns],
})
export class FactorsModule {}
