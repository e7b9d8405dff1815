import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/public.js';
import { FactorsModule } from '../factors/public.js';
import { ProvidersModule } from '../providers/public.js';
import { SessionsModule } from '../sessions/public.js';
import { UsersModule } from '../users/public.js';
import { Admission } from './admission.js';
import { AppRequests } from './app-requests.js';
import { BrowserFlowController } from './browser-flow.controller.js';
import { BrowserFlowService } from './browser-flow.service.js';
import { IdentitiesController } from './identities.controller.js';
import { IdentitiesRepository } from './identities.repository.js';
import { IdentitiesService } from './identities.service.js';
import { LinkingService } from './linking.service.js';
import { Links } from './links.js';
import { OAuthCodes } from './oauth-codes.js';
import { OAuthFlows } from './oauth-flows.js';
import { ProviderSignInController } from './provider-sign-in.controller.js';
import { ProviderSignInService } from './provider-sign-in.service.js';
import { Refusals } from './refusals.js';
import { UsedIdTokens } from './used-id-tokens.js';

const browser = [BrowserFlowService, AppRequests, OAuthFlows, OAuthCodes];
const accounts = [Admission, Refusals, Links, LinkingService, IdentitiesService, IdentitiesRepository];

@Module({
  imports: [UsersModule, SessionsModule, FactorsModule, AuthModule, ProvidersModule],
  controllers: [ProviderSignInController, IdentitiesController, BrowserFlowController],
  providers: [...browser, ...accounts, ProviderSignInService, UsedIdTokens],
})
export class IdentitiesModule {}
