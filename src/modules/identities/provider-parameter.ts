import { applyDecorators, UseGuards } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { providerNames } from '../providers/public.js';
import { ProviderGuard } from './provider.guard.js';

/** For routes with `:provider`: documents it, and answers `not-found` for one that is not set up. */
export const OfProvider = (): MethodDecorator =>
  applyDecorators(
    UseGuards(ProviderGuard),
    ApiParam({
      name: 'provider',
      description: 'One of `GET /api/auth/providers`.',
      schema: { type: 'string', enum: [...providerNames], example: 'google' },
    }),
  );
