import { Body, Controller, Delete, Put, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { type Actor, CurrentActor } from '../../kernel/http/actor.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { Section } from '../../kernel/openapi/section.js';
import { clientAddress } from '../../kernel/limits/client-address.js';
import { ChangePasswordDto, DeleteAccountDto } from './auth.dto.js';
import { AuthService } from './auth.service.js';

/** What a person does to their account with the password in hand. */
@Section(
  'Account',
  'The profile of the person who is signed in, their password, and the end of the account.',
  1,
)
@Controller('api/users/me')
export class AccountController {
  constructor(private readonly auth: AuthService) {}

  @Put('password')
  @Endpoint({
    summary: 'Change my password',
    description: 'Ends every other session; this one goes on.',
    status: 204,
    errors: ['password-incorrect', 'too-many-attempts'],
  })
  changePassword(
    @CurrentActor() actor: Actor,
    @Body() body: ChangePasswordDto,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    return this.auth.changePassword(actor, body.current_password, body.new_password, clientAddress(request));
  }

  @Delete()
  @Endpoint({
    summary: 'Delete my account',
    description:
      'Everything the account owns is deleted with it, at once and for good. All tokens are refused from now on.',
    status: 204,
    errors: ['password-incorrect', 'too-many-attempts'],
  })
  deleteAccount(
    @CurrentActor() actor: Actor,
    @Body() body: DeleteAccountDto,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    return this.auth.deleteAccount(actor, body.password, clientAddress(request));
  }
}
