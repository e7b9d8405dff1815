import { Module } from '@nestjs/common';
import { UsersModule } from '../users/public.js';
import { ApiKeysController } from './api-keys.controller.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { ApiKeysService } from './api-keys.service.js';
import { KeyGate } from './key-gate.js';
import { RequestSignatures } from './request-signatures.js';

@Module({
  imports: [UsersModule],
  controllers: [ApiKeysController],
  providers: [ApiKeysService, ApiKeysRepository, KeyGate, RequestSignatures],
  exports: [KeyGate],
})
export class ApiKeysModule {}
