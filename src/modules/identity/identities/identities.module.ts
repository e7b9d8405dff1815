import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthModule } from '../auth/auth.module.js';
import { FactorsModule } from '../factors/factors.module.js';
import { ProvidersModule } from '../providers/providers.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { UsersModule } from '../users/users.module.js';
import { Admission } from './admission.js';
import { AppRequests } from './app-requests.js';
import { BrowserFlowController } from './browser-flow.controller.js';
import { BrowserFlowService } from './browser-flow.service.js';
import { IdentitiesController } from './identities.controller.js';
import { IdentitiesRepository } from './identities.repository.js';
import { IdentitiesService } from './identities.service.js';
import { Identity } from './identity.entity.js';
import { LinkingService } from './linking.service.js';
import { Links } from './links.js';
import { OAuthCode } from './oauth-code.entity.js';
import { OAuthCodes } from './oauth-codes.js';
import { OAuthFlow } from './oauth-flow.entity.js';
import { OAuthFlows } from './oauth-flows.js';
import { ProviderSignInController } from './provider-sign-in.controller.js';
import { ProviderSignInService } from './provider-sign-in.service.js';
import { RefusalLetters } from './refusal-letters.js';
import { UsedIdToken } from './used-id-token.entity.js';
import { UsedIdTokens } from './used-id-tokens.js';

const entities = TypeOrmModule.forFeature([Identity, OAuthCode, OAuthFlow, UsedIdToken]);
const browser = [BrowserFlowService, AppRequests, OAuthFlows, OAuthCodes];
const accounts = [Admission, RefusalLetters, Links, LinkingService, IdentitiesService, IdentitiesRepository];

@Module({
  imports: [UsersModule, SessionsModule, FactorsModule, AuthModule, ProvidersModule, entities],
  controllers: [ProviderSignInController, IdentitiesController, BrowserFlowController],
  providers: [...browser, ...accounts, ProviderSignInService, UsedIdTokens],
})
export class IdentitiesModule {}
