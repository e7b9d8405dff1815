import { Body, Controller, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { type Actor, CurrentActor, EvenUnverified } from '../../kernel/http/actor.js';
import { clientAddress } from '../../kernel/limits/client-address.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { AccessTokenDto, SignInSection } from '../sessions/public.js';
import { ConfirmDto } from './auth.dto.js';
import { AccountService } from './account.service.js';

@SignInSection()
@EvenUnverified()
@Controller('api/auth/reauth')
export class ReauthController {
  constructor(private readonly account: AccountService) {}

  @Post()
  @Endpoint({
    summary: 'Confirm who I am',
    description:
      'For ten minutes the new access token may do what answers `step-up-required` otherwise. The refresh token stays.',
    returns: AccessTokenDto,
    errors: ['password-incorrect', 'too-many-attempts'],
  })
  reauth(
    @CurrentActor() actor: Actor,
    @Body() { password }: ConfirmDto,
    @Req() request: FastifyRequest,
  ): Promise<AccessTokenDto> {
    return this.account.reauth(actor, password, clientAddress(request));
  }
}
