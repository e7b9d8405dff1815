import { applyDecorators, UseGuards } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { providerNames } from '../providers/provider.js';
import { ProviderGuard } from './provider.guard.js';

/** Documents `:provider` and answers `not-found` for a provider that is not configured. */
export const OfProvider = (): MethodDecorator =>
  applyDecorators(
    UseGuards(ProviderGuard),
    ApiParam({
      name: 'provider',
      description: 'A provider from `GET /api/auth/providers`.',
      schema: { type: 'string', enum: [...providerNames], example: 'google' },
    }),
  );
