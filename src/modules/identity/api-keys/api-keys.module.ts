import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SessionsModule } from '../sessions/sessions.module.js';
import { UsersModule } from '../users/users.module.js';
import { ApiKeyNonce } from './api-key-nonce.entity.js';
import { ApiKey } from './api-key.entity.js';
import { ApiKeyStrategy } from './api-key.strategy.js';
import { ApiKeysController } from './api-keys.controller.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { ApiKeysService } from './api-keys.service.js';
import { RequestSignatures } from './request-signatures.js';

@Module({
  imports: [UsersModule, SessionsModule, TypeOrmModule.forFeature([ApiKey, ApiKeyNonce])],
  controllers: [ApiKeysController],
  providers: [ApiKeysService, ApiKeysRepository, ApiKeyStrategy, RequestSignatures],
})
export class ApiKeysModule {}
