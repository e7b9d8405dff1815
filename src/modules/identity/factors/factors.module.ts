import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SessionsModule } from '../sessions/sessions.module.js';
import { UsersModule } from '../users/users.module.js';
import { ChallengeController } from './challenge.controller.js';
import { ChallengeService } from './challenge.service.js';
import { FactorLimits, FactorPolicy } from './factor-limits.js';
import { FactorNotices } from './factor-notices.js';
import { FactorProof } from './factor-proof.js';
import { FactorsController } from './factors.controller.js';
import { FactorsService } from './factors.service.js';
import { RecoveryCode } from './recovery-code.entity.js';
import { RecoveryCodes } from './recovery-codes.js';
import { SecondFactor } from './second-factor.js';
import { SignInChallenge } from './sign-in-challenge.entity.js';
import { SignInChallenges } from './sign-in-challenges.js';
import { SignIns } from './sign-ins.js';
import { TotpSecret } from './totp-secret.entity.js';
import { Totp } from './totp.js';
import { TotpService } from './totp.service.js';
import { WrongCodes } from './wrong-codes.js';

@Module({
  imports: [
    UsersModule,
    SessionsModule,
    TypeOrmModule.forFeature([SignInChallenge, TotpSecret, RecoveryCode]),
  ],
  controllers: [ChallengeController, FactorsController],
  providers: [
    SignIns,
    SignInChallenges,
    ChallengeService,
    FactorsService,
    FactorProof,
    FactorLimits,
    FactorPolicy,
    FactorNotices,
    Totp,
    TotpService,
    SecondFactor,
    RecoveryCodes,
    WrongCodes,
  ],
  exports: [SignIns, SecondFactor],
})
export class FactorsModule {}
